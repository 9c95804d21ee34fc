import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import type { JournalEvent } from '../journal/journal.ts'
import { MemoryJournal } from '../journal/journal-memory.ts'
import type { ProgressStream } from '../text/terminal.ts'
import { Progress } from './progress.ts'

/** A stream that keeps what was written, as a terminal of so many columns, or as none. */
function screen(columns?: number): { stream: ProgressStream; written: string[] } {
  const written: string[] = []
  const write = (text: string): boolean => written.push(text) > 0
  const terminal = columns === undefined ? {} : { isTTY: true as const, columns }
  return { stream: { write, ...terminal } as unknown as ProgressStream, written }
}

const pickle = { id: 'p', steps: [{ id: 's', text: 'the full snapshot of "web"\u001b[2J is restored on every node' }] }
const testCase = { id: 'c', pickleId: 'p', testSteps: [{ id: 't', pickleStepId: 's' }] }
const envelope = (object: object): JournalEvent => ({ kind: 'envelope', envelope: object })
const begin: JournalEvent = {
  kind: 'drill-started',
  name: 'Nothing is prepared',
  feature: 'f',
  location: 'a.feature:3',
}

function play(columns?: number): {
  written: string[]
  progress: Progress
  tell: (event: JournalEvent, atMs: number) => void
} {
  const { stream, written } = screen(columns)
  let nowMs = 0
  const progress = new Progress({ stream, scenarioCount: 7, nowMs: () => nowMs })
  const journal = new MemoryJournal((entry) => progress.update(entry))
  return {
    written,
    progress,
    tell: (event, atMs) => {
      nowMs = atMs
      journal.append(event)
    },
  }
}

describe('progress', () => {
  it('is plain lines where there is no terminal', () => {
    const { written, progress, tell } = play()
    tell(envelope({ pickle }), 0)
    tell(envelope({ testCase }), 0)
    tell(begin, 0)
    tell(envelope({ testStepStarted: { testStepId: 't' } }), 100)
    tell(envelope({ testStepFinished: { testStepId: 't' } }), 1000)
    tell(envelope({ testStepStarted: { testStepId: 't' } }), 1000)
    tell(envelope({ testStepFinished: { testStepId: 't' } }), 4000)
    tell({ kind: 'drill-ended', outcome: 'failed', why: 'it is\nso' }, 5000)
    progress[Symbol.dispose]()
    assert.deepEqual(written, [
      '▶ 1/7 Nothing is prepared (a.feature:3)\n',
      '  3.0 s  the full snapshot of "web" is restored on every node\n',
      '✘ failed: Nothing is prepared (5.0 s): it is\n',
    ])
  })

  it('is one line on a terminal, never wider than it, and written only when it changes', () => {
    const { written, progress, tell } = play(40)
    tell(envelope({ pickle }), 0)
    tell(envelope({ testCase }), 0)
    tell(begin, 0)
    tell(envelope({ testStepStarted: { testStepId: 't' } }), 0)
    const drawn = written.length
    tell({ kind: 'note', text: 'nothing to see' }, 10)
    tell(envelope({ testStepStarted: { testStepId: 't' } }), 20)
    assert.equal(written.length, drawn)
    assert.deepEqual(written.at(-1), '\r1/7 · 0 s · Nothing is prepared · the …\x1b[K')
    tell({ kind: 'drill-ended', outcome: 'passed' }, 5000)
    progress[Symbol.dispose]()
    assert.equal(written.at(-2), '\r\x1b[K')
    assert.equal(stripVTControlCharacters(written.at(-1) ?? ''), '✔ Nothing is prepared (5.0 s)\n')
    for (const text of written) {
      assert.ok(stripVTControlCharacters(text).replace('\r', '').length <= 39, text)
      assert.ok(!text.includes('\x1b[2J'))
    }
  })

  it('of several processes tells them apart', () => {
    const { stream, written } = screen()
    let nowMs = 0
    const progress = new Progress({ stream, scenarioCount: 7, nowMs: () => nowMs })
    const journal = new MemoryJournal((entry, worker) => progress.update(entry, worker))
    const tell = (worker: number, event: JournalEvent) => journal.adopt({ ...event, seq: 0, at: '' }, worker)
    tell(1, envelope({ pickle }))
    tell(1, envelope({ testCase }))
    tell(1, begin)
    tell(1, envelope({ testStepStarted: { testStepId: 't' } }))
    nowMs = 1000
    tell(2, { ...begin, name: 'The other', location: 'b.feature:3' } as JournalEvent)
    nowMs = 3000
    tell(2, { kind: 'drill-ended', outcome: 'passed' })
    tell(1, envelope({ testStepFinished: { testStepId: 't' } }))
    tell(1, { kind: 'drill-ended', outcome: 'passed' })
    assert.deepEqual(written, [
      '▶ 1/7 Nothing is prepared (a.feature:3)\n',
      '▶ 2/7 The other (b.feature:3)\n',
      '✔ The other (2.0 s)\n',
      '  1/7  3.0 s  the full snapshot of "web" is restored on every node\n',
      '✔ Nothing is prepared (3.0 s)\n',
    ])
    progress[Symbol.dispose]()
  })

  it('of several processes shares the line of a terminal', () => {
    const { stream, written } = screen(40)
    using progress = new Progress({ stream, scenarioCount: 7, nowMs: () => 0 })
    const journal = new MemoryJournal((entry, worker) => progress.update(entry, worker))
    for (const worker of [1, 2]) journal.adopt({ ...begin, seq: 0, at: '' }, worker)
    assert.equal(written.at(-1), '\r1/7 · 0 s · Nothi… │ 2/7 · 0 s · Nothi…\x1b[K')
    assert.equal(stripVTControlCharacters(written.at(-1) ?? '').length - 1, 39)
  })
})
