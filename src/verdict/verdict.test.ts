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
import { everyFailureExamined, unexamined } from './claim/unexamined.ts'
import { between } from './observation/between.ts'
import { faster } from './observation/faster.ts'
import { looksHealthy } from './observation/looks-healthy.ts'
import { leakKinds, leakSubject, nothingLeft } from './observation/nothing-left.ts'
import { observed } from './observation/observed.ts'
import { oneOf } from './observation/one-of.ts'
import { about, pass, type Question } from './question.ts'
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

type Row = readonly [claim: string, verdict: 'pass' | 'fail' | 'unknown', says: RegExp, events: readonly JournalEvent[]]

function table<Expected>(question: Question<Expected>, expected: Expected, rows: readonly Row[]): void {
  describe(question.name, () => {
    for (const [claim, verdict, says, events] of rows) {
      it(`${verdict}: ${claim}`, () => {
        const journal = new MemoryJournal()
        for (const event of events) journal.append(event)
        const finding = about(question, expected)(journal.entries())
        assert.equal(finding.verdict, verdict, finding.sentence)
        assert.match(finding.sentence, says)
        assert.equal(finding.question, question.name)
        assert.deepEqual(
          finding.evidence.filter((seq) => seq < 1 || seq > events.length),
          [],
        )
        // Nothing passes on an empty journal, whatever is claimed.
        assert.equal(about(question, expected)([]).verdict, 'unknown')
      })
    }
  })
}

table(recordedContent, {}, [
  ['same digest', 'pass', /snapshot 2 of "web".*recorded content/, [backup(2), restored('r1', 2)]],
  [
    'other digest, said to be restored',
    'fail',
    /other content/,
    [backup(2), restored('r1', 2, { digest: digests[0] })],
  ],
  ['wrong content, known as such', 'fail', /other content/, [backup(2), wrong('r1', 2)]],
  ['it failed', 'fail', /could not be restored: .* is missing/, [backup(2), failed('r1', 2)]],
  ['nothing was recorded', 'unknown', /nothing was recorded/, [restored('r1', 2)]],
  ['another image was recorded', 'unknown', /nothing was recorded/, [backup(1), restored('r1', 2)]],
  ['recorded only after the restore', 'unknown', /nothing was recorded/, [restored('r1', 2), backup(2)]],
  ['no digest of the restore', 'unknown', /not digested/, [backup(2), restored('r1', 2, { digest: '' })]],
  [
    'failed with the right content',
    'unknown',
    /said to have failed/,
    [backup(2), wrong('r1', 2, { digest: digests[1] })],
  ],
  ['the last restore counts', 'fail', /could not be restored/, [backup(2), restored('r1', 2), failed('r2', 2)]],
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
  ['it was restored', 'fail', /was expected to fail/, [backup(2), restored('r1', 2)]],
  [
    'another reason',
    'fail',
    /expected "origin path missing", not "permission denied"/,
    [failed('r1', 2, { kind: 'permission denied' })],
  ],
  ['another path', 'fail', /expected the path .*, not \/else/, [failed('r1', 2, { path: '/else' })]],
  ['another node', 'fail', /expected it on compute-1, not on appliance/, [failed('r1', 2, { node: 'appliance' })]],
  ['an unknown reason', 'unknown', /why is unknown/, [failed('r1', 2, { kind: 'unknown' })]],
  ['no observation', 'unknown', /nothing was observed/, [{ ...failed('r1', 2), evidence: {} } as JournalEvent]],
])
table(failedFor, { kind: 'unknown' }, [['nobody may expect it', 'unknown', /cannot be expected/, [failed('r1', 2)]]])

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
table(everyRestore, { restores: 'all', nodes: [] }, [['no node', 'unknown', /no node/, [backup(1), restored('r1', 1)]]])
table(everyRestore, { ...onOne, images: [] }, [['no image', 'unknown', /nothing/, [backup(1), restored('r1', 1)]]])

table(onlyFullsRestore, { ...onOne, ...missing }, [
  ['as documented', 'pass', /1 full .* 1 incremental/, [backup(1), backup(2), restored('r1', 1), failed('r2', 2)]],
  ['an incremental restored', 'fail', /expected to fail/, [backup(1), backup(2), restored('r1', 1), restored('r2', 2)]],
  ['a full failed', 'fail', /could not be/, [backup(1), backup(2), failed('r1', 1), failed('r2', 2)]],
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
  ['nothing was recorded', 'unknown', /nothing was recorded/, [wrong('r1', 2)]],
  ['it failed for something else', 'unknown', /not digested/, [backup(2), { ...failed('r1', 2), ...claimSuccess(2) }]],
])

function claimSuccess(snapshot: number): { restore: RestoreRecord } {
  const { restore } = failed('r1', snapshot) as Extract<JournalEvent, { kind: 'restore' }>
  return { restore: { ...restore, toolSucceeded: true } }
}

table(looksHealthy, { subject: 'qemu-img info' }, [
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
  ['no exit code', 'unknown', /without an exit code/, [observation('qemu-img info', 'fine')]],
  ['something else was observed', 'unknown', /was not observed/, [observation('qemu-img check', { exitCode: 0 })]],
])

table(between, { subject: 'images', where: 'compute-1', least: 20, most: 99 }, [
  ['not observed', 'unknown', /was not observed/, []],
  ['no number', 'unknown', /not observed as a number/, [observation('images', '20', 'compute-1')]],
  ['too few', 'fail', /is 19 .* expected 20 to 99/, [observation('images', 19, 'compute-1')]],
  ['too many', 'fail', /is 100 .* expected 20 to 99/, [observation('images', 100, 'compute-1')]],
  ['all of them', 'pass', /is 99/, [observation('images', 0, 'compute-1'), observation('images', 99, 'compute-1')]],
  ['elsewhere only', 'unknown', /not observed on compute-1/, [observation('images', 50, 'compute-2')]],
])

table(faster, { subject: 'time', times: 10 }, [
  ['observed once', 'unknown', /was not observed twice/, [observation('time', 10)]],
  ['no time', 'unknown', /is not a time/, [observation('time', 10), observation('time', 0)]],
  ['a little faster', 'fail', /9.9 times, expected 10/, [observation('time', 990), observation('time', 100)]],
  ['slower', 'fail', /0.1 times/, [observation('time', 10), observation('time', 100)]],
  ['faster', 'pass', /10.0 times/, [observation('time', 1), observation('time', 1000), observation('time', 100)]],
])

table(observed, { subject: 'mount path', where: 'appliance', facts: { path: origin } }, [
  ['the same', 'pass', /mount path is/, [observation('mount path', { path: origin }, 'appliance')]],
  ['other facts', 'fail', /expected/, [observation('mount path', { path: '/else' }, 'appliance')]],
  [
    'the last one counts',
    'fail',
    /else/,
    [observation('mount path', { path: origin }, 'appliance'), observation('mount path', '/else', 'appliance')],
  ],
  ['elsewhere only', 'unknown', /not observed on appliance/, [observation('mount path', { path: origin })]],
])

table(oneOf, { subject: 'fstab', where: 'appliance', oneOf: ['old', 'new'] }, [
  [
    'each time',
    'pass',
    /2 of 2 times/,
    [observation('fstab', 'old', 'appliance'), observation('fstab', 'new', 'appliance')],
  ],
  [
    'not each time',
    'fail',
    /is "ne" on appliance/,
    [observation('fstab', 'ne', 'appliance'), observation('fstab', 'new', 'appliance')],
  ],
  ['elsewhere only', 'unknown', /not observed on appliance/, [observation('fstab', 'old')]],
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
    /^no time is known of: restore$/,
    [
      { kind: 'phase-started', phase: 'provision' },
      { kind: 'phase-ended', phase: 'provision', durationMs: 1500 },
      { kind: 'phase-started', phase: 'restore' },
    ],
  ],
  ['it had none', 'unknown', /no evidence/, []],
])

table(nothingLeft, {}, [
  ['all lists are empty', 'pass', /no containers/, [observation(leakSubject, clean, 'localhost')]],
  ['a volume', 'fail', /volumes: data/, [observation(leakSubject, { ...clean, volumes: ['data'] })]],
  ['not looked for', 'unknown', /not looked for mounts/, [observation(leakSubject, { ...clean, mounts: undefined })]],
  ['one left, one not looked for', 'fail', /mounts: \/mnt/, [observation(leakSubject, { mounts: ['/mnt'] })]],
  ['facts of another shape', 'unknown', /not looked for/, [observation(leakSubject, null)]],
])

table(everyFailureExamined, {}, [
  ['a finding rests on it', 'pass', /looked at/, [failed('r1', 2), seen(1)]],
  ['none rests on the second', 'fail', /1 failed/, [failed('r1', 2), failed('r2', 3), seen(1)]],
])

describe('a judgement', () => {
  it('that crashes is unknown, and so is one without evidence', () => {
    const crashing: Question<null> = {
      name: 'does it crash',
      judge: () => {
        throw new TypeError('no such thing')
      },
    }
    assert.deepEqual(about(crashing, null)([]), {
      question: 'does it crash',
      verdict: 'unknown',
      sentence: 'it could not be judged: no such thing',
      evidence: [],
    })
    assert.equal(about({ name: 'easy', judge: () => pass('all is well', []) }, null)([]).verdict, 'unknown')
  })

  it('knows the failed restores nobody looked at', () => {
    const journal = new MemoryJournal()
    for (const event of [failed('r1', 2), restored('r2', 1), failed('r3', 3), seen(1)]) journal.append(event)
    assert.deepEqual(
      unexamined(journal.entries()).map(({ restore }) => restore.id),
      ['r3'],
    )
  })

  it('can be made again from the journal, by what was known when it was asked', () => {
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

  it('is asked by one name each', () => {
    assert.equal(new Set(questions.map((question) => question.name)).size, questions.length)
  })

  it('that is not a pass is an error: blame for `fail`, none for `unknown`', () => {
    const finding = { question: 'q', sentence: 's', evidence: [1] }
    const error = new VerdictError({ ...finding, verdict: 'fail' })
    assert.deepEqual([error.blame, error.code, error.message], ['failure', 'verdict-fail', 'q: s'])
    assert.equal(new VerdictError({ ...finding, verdict: 'unknown' }).blame, 'machine')
  })
})
