import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AppendedEvent, JournalEvent, Phase } from '../../journal/journal.ts'
import { MemoryJournal } from '../../journal/journal-memory.ts'
import { table } from '../question-table.fixture.ts'
import { backupEvent, failedRestoreEvent, restoreEvent, wrongRestoreEvent } from '../restore-events.fixture.ts'
import { measureLoss, measureRecovery, objectiveOf, recoveryPoint, recoveryTime } from './objectives.ts'

const clock = (seconds: number): string => new Date(Date.UTC(2026, 10, 1, 12) + seconds * 1000).toISOString()
/** An event so many seconds after noon. */
const at = (seconds: number, event: JournalEvent): AppendedEvent => Object.assign({ ...event }, { at: clock(seconds) })
const began = (seconds: number, phase: Phase) => at(seconds, { kind: 'phase-started', phase })
const ended = (seconds: number, phase: Phase, tookS: number) =>
  at(seconds, { kind: 'phase-ended', phase, durationMs: tookS * 1000 })
const taken = (snapshot: number, seconds: number): AppendedEvent => ({
  ...(backupEvent(snapshot) as Extract<JournalEvent, { kind: 'backup' }>),
  takenAt: clock(seconds),
})
const lost = (seconds: number, site = 'primary'): JournalEvent => ({
  ...{ kind: 'fault', fault: 'site loss', subject: `site ${site}`, proof: {} },
  injectedAt: clock(seconds),
})

const backups = [taken(1, 0), taken(2, 60), lost(100)]
/** A recovery of 10 s, a reboot of 20 s, and restores of 8 s, of which `restores` come after 5 s. */
const recovery = (...restores: readonly JournalEvent[]) => [
  ...[began(200, 'recover'), ended(210, 'recover', 10), began(230, 'restore')],
  ...restores.map((one) => at(235, one)),
  ended(238, 'restore', 8),
]
const both = [restoreEvent('r1', 1), restoreEvent('r2', 2)]

table(recoveryTime, { withinMs: 38_000 }, [
  [
    'exactly the allowed time, with a reboot between the phases',
    'pass',
    /^38\.0 s \(recover 10\.0 s, restore 8\.0 s, between phases 20\.0 s\), within .* from 2026-11-01T12:03:20.000Z to 2026-11-01T12:03:58/,
    [...backups, ...recovery(...both)],
  ],
  [
    'bringing up a site between the phases does not count',
    'pass',
    /^26\.0 s /,
    [
      ...[...backups, began(200, 'recover'), ended(210, 'recover', 10)],
      ...[began(211, 'provision'), ended(223, 'provision', 12), began(230, 'restore'), ended(238, 'restore', 8)],
    ],
  ],
  [
    'a clock that was set back does not shorten it',
    'fail',
    /^1 min 00 s \(recover 40\.0 s, restore 20\.0 s\), more than/,
    [began(200, 'recover'), ended(240, 'recover', 40), began(150, 'restore'), ended(170, 'restore', 20)],
  ],
])

table(recoveryTime, { withinMs: 35_000, workload: 'web' }, [
  [
    'the clock stops at its own last restore',
    'pass',
    /^35\.0 s \(recover 10\.0 s, restore 5\.0 s, between phases 20\.0 s\) for snapshot 2 of "web", within/,
    [...backups, ...recovery(...both)],
  ],
  [
    'it takes longer',
    'fail',
    /^40\.0 s .* more than the allowed 35\.0 s/,
    [...backups, ...recovery(), began(238, 'restore'), at(240, restoreEvent('r1', 2)), ended(241, 'restore', 3)],
  ],
  ['it was not restored', 'unknown', /"web" was not restored after a recovery/, [...backups, ...recovery()]],
  [
    'it was restored for the baseline only',
    'unknown',
    /was not restored after a recovery/,
    [...backups, began(1, 'baseline'), at(2, restoreEvent('r1', 2)), ended(3, 'baseline', 2), ...recovery()],
  ],
  [
    'no snapshot has its content',
    'fail',
    /no snapshot of "web" was restored with every disk and with its content/,
    [...backups, ...recovery(failedRestoreEvent('r1', 1), wrongRestoreEvent('r2', 2))],
  ],
  [
    'the newest snapshot failed on one node, and an older one was restored',
    'pass',
    /for snapshot 1 of "web"/,
    [...backups, ...recovery(...both, failedRestoreEvent('r3', 2, {}, 'compute-2'))],
  ],
])

table(recoveryPoint, { atMostMs: 40_000, workload: 'web' }, [
  [
    'the newest restored snapshot is exactly as old as allowed',
    'pass',
    /^snapshot 2 of "web" was taken 40\.0 s before the disaster \(2026-11-01T12:01:00.000Z, 2026-11-01T12:01:40.000Z\), within/,
    [...backups, ...recovery(...both)],
  ],
  [
    'only an older snapshot was restored',
    'fail',
    /^snapshot 1 of "web" was taken 1 min 40 s before the disaster .*, more than the allowed 40\.0 s/,
    [...backups, ...recovery(restoreEvent('r1', 1), wrongRestoreEvent('r2', 2))],
  ],
  ['nothing was restored', 'unknown', /was not restored after a recovery/, [...backups, ...recovery()]],
  ['there was no disaster', 'unknown', /no loss of site primary/, [taken(2, 60), ...recovery(restoreEvent('r1', 2))]],
  [
    'another site was lost',
    'unknown',
    /no loss of/,
    [taken(2, 60), lost(100, 'b'), ...recovery(restoreEvent('r1', 2))],
  ],
  [
    'the journal is of a version without times of snapshots',
    'unknown',
    /does not have the times/,
    [backupEvent(2), lost(100), ...recovery(restoreEvent('r1', 2))],
  ],
  [
    'the snapshot was taken after the disaster',
    'unknown',
    /taken after the disaster/,
    [taken(2, 101), lost(100), ...recovery(restoreEvent('r1', 2))],
  ],
])

table(recoveryPoint, { atMostMs: 39_999 }, [
  ['of every workload that was restored', 'fail', /more than the allowed/, [...backups, ...recovery(...both)]],
  ['of none', 'unknown', /no workload was restored/, [...backups, ...recovery()]],
])

describe('an objective', () => {
  it('is measured as it is judged', () => {
    const journal = new MemoryJournal()
    for (const event of [...backups, ...recovery(...both)]) journal.append(event)
    assert.equal(measureRecovery(journal.entries())?.tookMs, 38_000)
    assert.equal(measureRecovery(journal.entries(), 'web')?.tookMs, 35_000)
    assert.equal(measureRecovery(journal.entries(), 'db'), undefined)
    assert.equal(measureLoss(journal.entries())?.tookMs, 40_000)
    assert.equal(measureLoss([]), undefined)
  })

  it('is the strictest one of all tags of the scenario', () => {
    const tags = { '@a': { recoveryTimeMs: 5 }, '@b': { recoveryTimeMs: 9, recoveryPointMs: 3 } }
    const objectives = { recoveryTimeMs: 7, tags }
    assert.deepEqual(objectiveOf(objectives, []), { recoveryTimeMs: 7 })
    assert.deepEqual(objectiveOf(objectives, ['@a', '@b', '@c']), { recoveryTimeMs: 5, recoveryPointMs: 3 })
  })
})
