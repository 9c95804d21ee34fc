import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JournalEvent } from '../journal/journal.ts'
import { MemoryJournal } from '../journal/journal-memory.ts'
import { everySnapshotRestored } from './claim/coverage.ts'
import { everyRestore, everyRestoreFails } from './claim/every-restore.ts'
import { everyFailureExamined, unexaminedFailures } from './claim/unexamined.ts'
import { leakKinds, leftBehind, nothingLeft } from './observation/nothing-left.ts'
import { looksHealthy } from './observation/tool-run.ts'
import { about, pass, type Question } from './question.ts'
import { table } from './question-table.fixture.ts'
import { questions, rejudge } from './questions.ts'
import {
  backupEvent as backup,
  eventsOfSeries as during,
  failedRestoreEvent as failed,
  missingOriginPath as missing,
  observationEvent as observation,
  restoreEvent as restored,
} from './restore-events.fixture.ts'
import { VerdictError } from './verdict-error.ts'

const clean = Object.fromEntries(leakKinds.map((kind) => [kind, []]))
const seen = (...evidence: number[]): JournalEvent => ({
  kind: 'finding',
  finding: { verdict: 'pass', question: everyRestoreFails.name, sentence: '', evidence },
})

table(looksHealthy, { tool: 'qemu-img info' }, [
  [
    'exit code 0',
    'pass',
    /exits with 0, 2 of 2/,
    [observation('qemu-img info', { exitCode: 0 }), observation('qemu-img info', { exitCode: 0 })],
  ],
  [
    'another exit code',
    'fail',
    /on compute-2/,
    [observation('qemu-img info', { exitCode: 0 }), observation('qemu-img info', { exitCode: 1 }, 'compute-2')],
  ],
  ['ended by a signal', 'fail', /does not exit/, [observation('qemu-img info', { exitCode: null })]],
  ['no exit code', 'unknown', /not a valid observation/, [observation('qemu-img info', 'fine')]],
  [
    'exit code 0 in the last series, and another one before',
    'pass',
    /1 of 1/,
    [
      ...during('s1', observation('qemu-img info', { exitCode: 1 })),
      ...during('s2', observation('qemu-img info', { exitCode: 0 })),
    ],
  ],
  [
    'another exit code in the last series',
    'fail',
    /on compute-1$/,
    [
      ...during('s1', observation('qemu-img info', { exitCode: 0 })),
      ...during(
        's2',
        observation('qemu-img info', { exitCode: 1 }),
        observation('qemu-img info', { exitCode: 0 }, 'compute-2'),
      ),
    ],
  ],
  ['something else was observed', 'unknown', /was not observed/, [observation('qemu-img check', { exitCode: 0 })]],
])

table(nothingLeft, {}, [
  ['all lists are empty', 'pass', /no containers/, [observation(leftBehind.subject, clean, 'localhost')]],
  ['a volume', 'fail', /volumes: data/, [observation(leftBehind.subject, { ...clean, volumes: ['data'] })]],
  [
    'not looked for',
    'unknown',
    /^not looked for: mounts/,
    [observation(leftBehind.subject, { ...clean, mounts: undefined })],
  ],
  ['one left, one not looked for', 'fail', /mounts: \/mnt/, [observation(leftBehind.subject, { mounts: ['/mnt'] })]],
  ['facts of another shape', 'unknown', /not a valid observation/, [observation(leftBehind.subject, null)]],
])

table(everyFailureExamined, {}, [
  ['a finding rests on it', 'pass', /was examined/, [failed('r1', 2), seen(1)]],
  ['none rests on the second', 'fail', /1 failed/, [failed('r1', 2), failed('r2', 3), seen(1)]],
  ['a finding rests on it, in another series', 'pass', /was examined/, [...during('s1', failed('r1', 2)), seen(1)]],
])

describe('a judgment', () => {
  it('is unknown if its judge throws, and without evidence', () => {
    const crashing: Question<null> = {
      name: 'does it crash',
      judge: () => {
        throw new TypeError('no such thing')
      },
    }
    assert.deepEqual(about(crashing, null)([]), {
      question: 'does it crash',
      verdict: 'unknown',
      sentence: 'cannot be judged: no such thing',
      evidence: [],
    })
    assert.equal(about({ name: 'easy', judge: () => pass('all is well', []) }, null)([]).verdict, 'unknown')
  })

  it('that a restore of every snapshot was tried examines no failed one', () => {
    const journal = new MemoryJournal()
    for (const event of [backup(1), failed('r1', 1)]) journal.append(event)
    const finding = about(everySnapshotRestored, {})(journal.entries())
    assert.equal(finding.verdict, 'pass')
    journal.append({ kind: 'finding', finding })
    assert.equal(unexaminedFailures(journal.entries()).length, 1)
  })

  it('finds the failed restores that no step examined', () => {
    const journal = new MemoryJournal()
    for (const event of [failed('r1', 2), restored('r2', 1), failed('r3', 3), seen(1)]) journal.append(event)
    assert.deepEqual(
      unexaminedFailures(journal.entries()).map(({ restore }) => restore.id),
      ['r3'],
    )
  })

  it('can be made again from the journal, by the entries before it', () => {
    const journal = new MemoryJournal()
    journal.append(backup(2))
    journal.append(restored('r1', 2))
    journal.append({ kind: 'expectation', question: everyRestore.name, expected: {} })
    journal.append({ ...failed('r2', 2), series: 's2' })
    journal.append({ kind: 'expectation', question: everyRestoreFails.name, expected: missing })
    journal.append({ kind: 'expectation', question: 'is it Tuesday', expected: {} })
    // Through JSON, as from a file.
    const entries = JSON.parse(JSON.stringify(journal.entries()))
    assert.deepEqual(
      rejudge(entries).map(({ verdict }) => verdict),
      ['pass', 'pass', 'unknown'],
    )
  })

  it('has a question with a unique name', () => {
    assert.equal(new Set(questions.map((question) => question.name)).size, questions.length)
  })

  it('that is not a pass is an error, blamed on the result for `fail` and on the machine for `unknown`', () => {
    const finding = { question: 'q', sentence: 's', evidence: [1] }
    const error = new VerdictError({ ...finding, verdict: 'fail' })
    assert.deepEqual([error.blame, error.code, error.message], ['failure', 'verdict-fail', 'q: s'])
    assert.equal(new VerdictError({ ...finding, verdict: 'unknown' }).blame, 'machine')
  })
})
