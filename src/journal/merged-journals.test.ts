import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MachineError } from '../errors.ts'
import { exitCodeOfRun } from '../run/exit-code.ts'
import type { JournalEntry, JournalEvent } from './journal.ts'
import { MemoryJournal } from './journal-memory.ts'
import { MergedJournals } from './merged-journals.ts'

const began = (name: string): JournalEvent => ({ kind: 'drill-started', name, feature: 'f', location: `${name}:1` })
const seen: JournalEvent = { kind: 'observation', subject: 's', where: 'w', facts: 1 }
const passed: JournalEvent = { kind: 'drill-ended', outcome: 'passed' }
const finding = (...evidence: readonly number[]): JournalEvent => ({
  kind: 'finding',
  finding: { verdict: 'pass', question: 'q', sentence: 's', evidence },
})
const interrupted: JournalEvent = { kind: 'error', code: 'interrupted', message: 'Ctrl-C', blame: 'interrupted' }

/** The journal of a worker, whose drills are called as they are in every worker. */
function worker(...events: readonly (JournalEvent | readonly [string, JournalEvent])[]): readonly JournalEntry[] {
  const journal = new MemoryJournal()
  journal.append({ kind: 'run-started', run: 'r-w', version: 'v', argv: [] })
  for (const event of events) {
    if ('kind' in event) journal.append(event)
    else journal.append(event[1], event[0])
  }
  return journal.entries()
}

function merge() {
  const workers: (number | undefined)[] = []
  const journal = new MemoryJournal((_entry, number) => workers.push(number))
  journal.append({ kind: 'run-started', run: 'r', version: 'v', argv: [] })
  let drills = 0
  const merged = new MergedJournals({
    journal,
    newDrillId: () => `d${++drills}`,
    isKnown: ({ message }) => message === 'Ctrl-C',
  })
  return { journal, merged, workers }
}

describe('merged journals', () => {
  const one = worker(['d1', began('a')], ['d1', seen], ['d1', finding(3, 1)], ['d1', passed], {
    kind: 'run-ended',
    exitCode: 0,
  })
  const two = worker(['d1', began('b')], ['d1', seen], ['d1', finding(3)], ['d1', passed], finding(3))

  it('number entries without gaps, and drills uniquely, in any order of arrival', () => {
    const { journal, merged, workers } = merge()
    for (let index = 0; index < 6; index++) {
      for (const [number, entries] of [one, two].entries()) {
        const entry = entries[index]
        if (entry !== undefined) merged.take(number + 1, entry)
      }
    }
    const entries = journal.entries()
    assert.deepEqual(
      entries.map(({ seq }) => seq),
      entries.map((_, index) => index + 1),
    )
    assert.deepEqual(
      journal.entries('d1').map(({ kind }) => kind),
      ['drill-started', 'observation', 'finding', 'drill-ended'],
    )
    assert.equal(journal.entries('d2').length, 4)
    assert.deepEqual(
      entries.map(({ kind }) => kind).filter((kind) => kind.startsWith('run')),
      ['run-started'],
    )
    assert.deepEqual([...new Set(workers)], [undefined, 1, 2])
    assert.equal(entries[1]?.at, one[1]?.at)
  })

  it('have evidence that refers to the same entries', () => {
    const { journal, merged } = merge()
    for (const entry of one) merged.take(1, entry)
    for (const entry of two) merged.take(2, entry)
    const findings = journal.entries().flatMap((entry) => (entry.kind === 'finding' ? [[entry, entry.finding]] : []))
    assert.equal(findings.length, 3)
    for (const [entry, found] of findings as [JournalEntry, { evidence: readonly number[] }][]) {
      const [evidence] = found.evidence
      const meant = journal.entries()[(evidence ?? 0) - 1]
      assert.equal(meant?.kind, 'observation')
      if (entry.drill !== undefined) assert.equal(meant?.drill, entry.drill)
    }
  })

  it('take each entry once, and know which workers have ended', () => {
    const { journal, merged } = merge()
    for (const entry of [...one, ...one]) merged.take(1, entry)
    assert.equal(journal.entries().length, 5)
    assert.equal(merged.hasEnded(1), true)
    assert.equal(merged.hasEnded(2), false)
  })

  it('leave out errors that the run has recorded itself, and no others', () => {
    const { journal, merged } = merge()
    const lost: JournalEvent = { kind: 'error', code: 'engine-lost', message: 'gone', blame: 'machine' }
    for (const entry of worker(['d1', began('a')], ['d1', interrupted], interrupted, lost)) merged.take(1, entry)
    assert.deepEqual(
      journal.entries().flatMap((entry) => (entry.kind === 'error' ? [[entry.drill, entry.message]] : [])),
      [
        ['d1', 'Ctrl-C'],
        [undefined, 'gone'],
      ],
    )
  })

  it('end the drill of a lost worker with the outcome unknown and the reason', () => {
    const { journal, merged } = merge()
    for (const entry of worker(['d1', began('a')], ['d1', passed], ['d2', began('b')])) merged.take(1, entry)
    assert.equal(merged.lose(1, new MachineError('worker-lost', 'worker 1 was ended by SIGKILL')), true)
    assert.partialDeepStrictEqual(journal.entries('d2').at(-1), {
      kind: 'drill-ended',
      outcome: 'unknown',
      why: 'worker 1 was ended by SIGKILL',
    })
    assert.equal(exitCodeOfRun(journal.entries()), 3)
    assert.equal(merged.lose(1, new MachineError('worker-lost', 'again')), false)
  })
})
