import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ImageRecord } from '../backup/catalog.ts'
import type { JournalEvent, RestoreRecord } from '../journal/journal.ts'
import { MemoryJournal } from '../journal/journal-memory.ts'
import { everyRestore, everyRestoreFails, onlyFullsRestore } from './claim/every-restore.ts'
import { type ExpectedReason, failedFor } from './claim/failed-for.ts'
import { falseGreen } from './claim/false-green.ts'
import { phaseTimes } from './claim/phase-times.ts'
import { recordedContent } from './claim/recorded-content.ts'
import { everyFailureExamined, unexaminedFailures } from './claim/unexamined.ts'
import { leakKinds, leftBehind, nothingLeft } from './observation/nothing-left.ts'
import { looksHealthy } from './observation/tool-run.ts'
import { about, pass, type Question } from './question.ts'
import { table } from './question-table.fixture.ts'
import { questions, rejudge } from './questions.ts'
import { VerdictError } from './verdict-error.ts'

const digests = ['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)] as const
const origin = '/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0='

function image(snapshot: number): ImageRecord {
  return {
    workload: 'web',
    workloadId: 'w',
    vm: 'vm-1',
    vmId: 'v',
    disk: 'vda',
    snapshot,
    snapshotId: `s${snapshot}`,
    type: snapshot === 1 ? 'full' : 'incremental',
    path: `workload_w/snapshot_s${snapshot}/vm_id_v/vm_res_id_r_vda/i`,
    chain: [],
    virtualSizeBytes: 2 ** 30,
    digest: digests[snapshot - 1] ?? digests[2],
  }
}

const backup = (snapshot: number): JournalEvent => ({
  kind: 'backup',
  share: '10.10.2.20:/upstream',
  image: image(snapshot),
  originPath: origin,
  site: 'primary',
})

function restored(id: string, snapshot: number, changes: Partial<RestoreRecord> = {}): JournalEvent {
  const restore: RestoreRecord = {
    id,
    image: image(snapshot),
    site: 'recovery',
    node: 'compute-1',
    sizedOn: 'appliance',
    outcome: 'restored',
    digest: image(snapshot).digest,
    toolSucceeded: true,
    durationMs: 5,
    ...changes,
  }
  return { kind: 'restore', restore, evidence: { mounts: [] } }
}

function failed(id: string, snapshot: number, reason: Partial<ExpectedReason> = {}, node = 'compute-1'): JournalEvent {
  const { digest, ...restore } = (restored(id, snapshot, { node }) as Extract<JournalEvent, { kind: 'restore' }>)
    .restore
  return {
    kind: 'restore',
    restore: {
      ...restore,
      outcome: 'failed',
      toolSucceeded: false,
      reason: { kind: 'origin path missing', node, path: origin, sentence: `${origin} is missing`, ...reason },
    },
    evidence: { stat: 'ENOENT' },
  }
}

const wrong = (id: string, snapshot: number, changes: Partial<RestoreRecord> = {}): JournalEvent =>
  restored(id, snapshot, {
    outcome: 'failed',
    digest: 'f'.repeat(64),
    reason: { kind: 'wrong content', node: 'compute-1', sentence: 'it has other content' },
    ...changes,
  })

const observation = (subject: string, facts: unknown, where = 'compute-1'): JournalEvent => ({
  kind: 'observation',
  subject,
  where,
  facts,
})

const missing: ExpectedReason = { kind: 'origin path missing', path: origin, node: 'compute-1' }
const onOne = { restores: 'all', nodes: ['compute-1'] } as const
const clean = Object.fromEntries(leakKinds.map((kind) => [kind, []]))
const fails = 'the restore fails for the expected reason'
const seen = (...evidence: number[]): JournalEvent => ({
  kind: 'finding',
  finding: { verdict: 'pass', question: fails, sentence: '', evidence },
})

table(recordedContent, {}, [
  ['same digest', 'pass', /snapshot 2 of "web".*recorded content/, [backup(2), restored('r1', 2)]],
  [
    'other digest, said to be restored',
    'fail',
    /other content/,
    [backup(2), restored('r1', 2, { digest: digests[0] })],
  ],
  ['wrong content, known as such', 'fail', /other content/, [backup(2), wrong('r1', 2)]],
  ['it failed', 'fail', /was not restored: .* is missing/, [backup(2), failed('r1', 2)]],
  ['nothing was recorded', 'unknown', /has no record of its backup/, [restored('r1', 2)]],
  ['another image was recorded', 'unknown', /has no record of its backup/, [backup(1), restored('r1', 2)]],
  ['recorded only after the restore', 'unknown', /has no record of its backup/, [restored('r1', 2), backup(2)]],
  ['no digest of the restore', 'unknown', /has no digest/, [backup(2), restored('r1', 2, { digest: '' })]],
  [
    'failed with the right content',
    'unknown',
    /recorded as failed/,
    [backup(2), wrong('r1', 2, { digest: digests[1] })],
  ],
  ['the last restore counts', 'fail', /was not restored/, [backup(2), restored('r1', 2), failed('r2', 2)]],
  // What the restore carries along about its image is not what was recorded.
  [
    'the restore claims another digest for its image',
    'fail',
    /other content/,
    [backup(2), restored('r1', 2, { digest: digests[0], image: { ...image(2), digest: digests[0] } })],
  ],
])
table(recordedContent, { restore: 'r1' }, [
  ['the named restore counts', 'pass', /./, [backup(2), restored('r1', 2), failed('r2', 2)]],
  ['the named restore is not there', 'unknown', /no restore r1/, [backup(2), restored('r2', 2)]],
])

table(failedFor, missing, [
  ['kind, path and node match', 'pass', /is missing/, [failed('r1', 2)]],
  ['it was restored', 'fail', /was restored, but was expected to fail/, [backup(2), restored('r1', 2)]],
  [
    'another reason',
    'fail',
    /expected "origin path missing", not "permission denied"/,
    [failed('r1', 2, { kind: 'permission denied' })],
  ],
  ['another path', 'fail', /expected the path .*, not \/else/, [failed('r1', 2, { path: '/else' })]],
  ['another node', 'fail', /expected it on compute-1, not on appliance/, [failed('r1', 2, { node: 'appliance' })]],
  ['an unknown reason', 'unknown', /the reason is unknown/, [failed('r1', 2, { kind: 'unknown' })]],
  [
    'no observation',
    'unknown',
    /no observation that shows why/,
    [{ ...failed('r1', 2), evidence: {} } as JournalEvent],
  ],
])
table(failedFor, { kind: 'unknown' }, [
  ['which cannot be expected', 'unknown', /cannot be expected/, [failed('r1', 2)]],
])

table(everyRestore, onOne, [
  ['all of them', 'pass', /2 restores/, [backup(1), backup(2), restored('r1', 1), restored('r2', 2)]],
  ['one is wrong', 'fail', /1 of 2: .*other content/, [backup(1), backup(2), restored('r1', 1), wrong('r2', 2)]],
  ['one failed', 'fail', /1 of 2/, [backup(1), backup(2), restored('r1', 1), failed('r2', 2)]],
  ['one was never restored', 'unknown', /never restored: .*snapshot_s2/, [backup(1), backup(2), restored('r1', 1)]],
  ['nothing was restored', 'unknown', /nothing was restored/, [backup(1)]],
  ['nothing was backed up', 'unknown', /nothing was backed up/, [restored('r1', 1)]],
  [
    'one has no digest',
    'unknown',
    /1 of 2/,
    [backup(1), backup(2), restored('r1', 1), restored('r2', 2, { digest: 'x' })],
  ],
])
table(everyRestore, { restores: ['r2'], nodes: ['compute-1', 'compute-2'] }, [
  ['the other node is left out', 'unknown', /never restored: .* on compute-2/, [backup(1), restored('r2', 1)]],
])
table(everyRestore, { restores: [], nodes: ['compute-1'] }, [
  ['an empty set', 'unknown', /nothing was restored/, [backup(1), restored('r1', 1)]],
])
table(everyRestore, { restores: 'all', nodes: [] }, [
  ['no node', 'unknown', /names no node/, [backup(1), restored('r1', 1)]],
])
table(everyRestore, { ...onOne, images: [] }, [['no image', 'unknown', /nothing/, [backup(1), restored('r1', 1)]]])

table(onlyFullsRestore, { ...onOne, ...missing }, [
  ['as documented', 'pass', /1 full .* 1 incremental/, [backup(1), backup(2), restored('r1', 1), failed('r2', 2)]],
  ['an incremental restored', 'fail', /expected to fail/, [backup(1), backup(2), restored('r1', 1), restored('r2', 2)]],
  ['a full failed', 'fail', /was not restored/, [backup(1), backup(2), failed('r1', 1), failed('r2', 2)]],
  [
    'an incremental failed for another reason',
    'fail',
    /not "not answering"/,
    [backup(1), backup(2), restored('r1', 1), failed('r2', 2, { kind: 'not answering' })],
  ],
  ['no incremental', 'unknown', /no incremental/, [backup(1), restored('r1', 1)]],
  ['no full', 'unknown', /no full/, [backup(2), failed('r2', 2)]],
])

table(everyRestoreFails, { ...onOne, ...missing }, [
  ['all of them', 'pass', /2 restores fail/, [backup(2), backup(3), failed('r1', 2), failed('r2', 3)]],
  ['one restored', 'fail', /1 of 2/, [backup(2), backup(3), failed('r1', 2), restored('r2', 3)]],
])

table(falseGreen, {}, [
  ['exit code 0 and wrong content', 'pass', /exited with 0 although .* other content/, [backup(2), wrong('r1', 2)]],
  ['the content is right', 'fail', /recorded content/, [backup(2), restored('r1', 2)]],
  ['the tool failed too', 'fail', /itself failed/, [backup(2), wrong('r1', 2, { toolSucceeded: false })]],
  ['nothing was recorded', 'unknown', /has no record of its backup/, [wrong('r1', 2)]],
  ['it failed for something else', 'unknown', /has no digest/, [backup(2), { ...failed('r1', 2), ...claimSuccess(2) }]],
])

function claimSuccess(snapshot: number): { restore: RestoreRecord } {
  const { restore } = failed('r1', snapshot) as Extract<JournalEvent, { kind: 'restore' }>
  return { restore: { ...restore, toolSucceeded: true } }
}

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
  ['something else was observed', 'unknown', /was not observed/, [observation('qemu-img check', { exitCode: 0 })]],
])

table(phaseTimes, { phases: ['recover', 'restore'] }, [
  [
    'both are known',
    'pass',
    /recover 2\.0 s, restore 3 min 05 s/,
    [
      { kind: 'phase-ended', phase: 'recover', durationMs: 1500 },
      { kind: 'phase-ended', phase: 'recover', durationMs: 500 },
      { kind: 'phase-ended', phase: 'restore', durationMs: 185_000 },
    ],
  ],
  ['one has not ended', 'unknown', /restore/, [{ kind: 'phase-ended', phase: 'recover', durationMs: 1500 }]],
])

table(phaseTimes, {}, [
  [
    'those that the drill had are known',
    'pass',
    /^provision 1\.5 s, restore 0\.5 s$/,
    [
      { kind: 'phase-started', phase: 'provision' },
      { kind: 'phase-ended', phase: 'provision', durationMs: 1500 },
      { kind: 'phase-started', phase: 'restore' },
      { kind: 'phase-ended', phase: 'restore', durationMs: 500 },
    ],
  ],
  [
    'one that was begun has not ended',
    'unknown',
    /^phases without a time: restore$/,
    [
      { kind: 'phase-started', phase: 'provision' },
      { kind: 'phase-ended', phase: 'provision', durationMs: 1500 },
      { kind: 'phase-started', phase: 'restore' },
    ],
  ],
  ['it had none', 'unknown', /no evidence/, []],
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
    journal.append({ kind: 'expectation', question: recordedContent.name, expected: {} })
    journal.append(failed('r2', 2))
    journal.append({ kind: 'expectation', question: failedFor.name, expected: missing })
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
