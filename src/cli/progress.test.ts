import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import type { JournalEvent } from '../journal/journal.ts'
import { MemoryJournal } from '../journal/journal-memory.ts'
import type { ProgressStream } from '../text/terminal.ts'
import { cleaned } from './output-guard.ts'
import { Progress } from './progress.ts'

/** A stream that keeps what is written: a terminal with so many columns, or no terminal. */
function screen(columns?: number): { stream: ProgressStream; written: string[] } {
  const written: string[] = []
  const write = (text: string): boolean => written.push(cleaned(text, {})) > 0
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
  add: (event: JournalEvent, atMs: number) => void
} {
  const { stream, written } = screen(columns)
  let nowMs = 0
  const progress = new Progress({ stream, scenarioCount: 7, nowMs: () => nowMs })
  const journal = new MemoryJournal((entry) => progress.update(entry))
  return {
    written,
    progress,
    add: (event, atMs) => {
      nowMs = atMs
      journal.append(event)
    },
  }
}

describe('progress', () => {
  it('without a terminal is plain lines', () => {
    const { written, progress, add } = play()
    add(envelope({ pickle }), 0)
    add(envelope({ testCase }), 0)
    add(begin, 0)
    add(envelope({ testStepStarted: { testStepId: 't' } }), 100)
    add(envelope({ testStepFinished: { testStepId: 't' } }), 1000)
    add(envelope({ testStepStarted: { testStepId: 't' } }), 1000)
    add(envelope({ testStepFinished: { testStepId: 't' } }), 4000)
    add({ kind: 'drill-ended', outcome: 'failed', why: 'it is\nso' }, 5000)
    progress[Symbol.dispose]()
    assert.deepEqual(written, [
      '▶ 1/7 Nothing is prepared (a.feature:3)\n',
      '  3.0 s  the full snapshot of "web"\\u001b[2J is restored on every node\n',
      '✘ failed: Nothing is prepared (5.0 s): it is\n',
    ])
  })

  it('on a terminal is one line, never wider than the terminal, and written only when it changes', () => {
    const { written, progress, add } = play(40)
    add(envelope({ pickle }), 0)
    add(envelope({ testCase }), 0)
    add(begin, 0)
    add(envelope({ testStepStarted: { testStepId: 't' } }), 0)
    const drawn = written.length
    add({ kind: 'note', text: 'nothing to see' }, 10)
    add(envelope({ testStepStarted: { testStepId: 't' } }), 20)
    assert.equal(written.length, drawn)
    assert.deepEqual(written.at(-1), '\x1b[G1/7 · 0 s · Nothing is prepared · the …\x1b[K\x1b[J')
    add({ kind: 'drill-ended', outcome: 'passed' }, 5000)
    progress[Symbol.dispose]()
    assert.equal(written.at(-2), '\x1b[G\x1b[J')
    assert.equal(stripVTControlCharacters(written.at(-1) ?? ''), '✔ Nothing is prepared (5.0 s)\n')
    for (const text of written) {
      assert.ok(stripVTControlCharacters(text).length <= 39, text)
      assert.ok(!text.includes('\x1b[2J'))
    }
  })

  it('of workers without a terminal is one line for each finished scenario', () => {
    const { stream, written } = screen()
    let nowMs = 0
    const progress = new Progress({ stream, scenarioCount: 7, workers: 2, nowMs: () => nowMs })
    const journal = new MemoryJournal((entry, worker) => progress.update(entry, worker))
    const add = (worker: number, event: JournalEvent) => journal.adopt({ ...event, seq: 0, at: '' }, worker)
    add(1, envelope({ pickle }))
    add(1, envelope({ testCase }))
    add(1, begin)
    add(1, envelope({ testStepStarted: { testStepId: 't' } }))
    nowMs = 1000
    add(2, { ...begin, name: 'The other', location: 'b.feature:3' } as JournalEvent)
    nowMs = 3000
    add(2, { kind: 'drill-ended', outcome: 'passed' })
    add(1, envelope({ testStepFinished: { testStepId: 't' } }))
    add(1, { kind: 'drill-ended', outcome: 'failed', why: 'it is\nso' })
    journal.append({ ...begin, name: 'Never started', location: 'c.feature:3' } as JournalEvent)
    journal.append({ kind: 'drill-ended', outcome: 'not run', why: 'no worker was left to run it' })
    assert.deepEqual(written, [
      '✔ 1/7 The other (b.feature:3, 2.0 s)\n',
      '✘ 2/7 failed: Nothing is prepared (a.feature:3, 3.0 s): it is\n',
      '– 3/7 not run: Never started (c.feature:3, 0.0 s): no worker was left to run it\n',
    ])
    progress[Symbol.dispose]()
  })

  it('of workers on a terminal is one live line for each, below the lines that stay', () => {
    const { stream, written } = screen(40)
    const progress = new Progress({ stream, scenarioCount: 7, workers: 2, nowMs: () => 0 })
    const journal = new MemoryJournal((entry, worker) => progress.update(entry, worker))
    const add = (worker: number, event: JournalEvent) => journal.adopt({ ...event, seq: 0, at: '' }, worker)
    for (const worker of [2, 1]) add(worker, begin)
    const [first, second] = ['1/7 · 0 s · Nothing is prepared', '2/7 · 0 s · Nothing is prepared']
    assert.deepEqual(written, [`\x1b[G${first}\x1b[K\x1b[J`, `\x1b[G${second}\x1b[K\n${first}\x1b[K\x1b[J`])
    progress.print('a note')
    assert.deepEqual(written.slice(2), [
      '\x1b[G\x1b[1A\x1b[J',
      'a note\n',
      `\x1b[G${second}\x1b[K\n${first}\x1b[K\x1b[J`,
    ])
    add(1, { kind: 'drill-ended', outcome: 'passed' })
    assert.equal(written.at(-1), `\x1b[G${first}\x1b[K\x1b[J`)
    progress[Symbol.dispose]()
    assert.equal(written.at(-1), '\x1b[G\x1b[J')
  })
})
