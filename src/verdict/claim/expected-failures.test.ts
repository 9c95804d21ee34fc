import type { JournalEvent, RestoreRecord } from '../../journal/journal.ts'
import { table } from '../question-table.fixture.ts'
import {
  backupEvent as backup,
  failedRestoreEvent as failed,
  missingOriginPath as missing,
  restoreEvent as restored,
  wrongRestoreEvent as wrong,
} from '../restore-events.fixture.ts'
import { everyRestoreFails } from './every-restore.ts'
import { falseGreen } from './false-green.ts'

table(everyRestoreFails, missing, [
  ['kind, path and node match', 'pass', /^1 restore fails/, [backup(2), failed('r1', 2)]],
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
  [
    'all of them',
    'pass',
    /2 restores fail .*: 2 of 2 snapshots, on 1 node$/,
    [backup(2), backup(3), failed('r1', 2), failed('r2', 3)],
  ],
  ['one restored', 'fail', /1 of 2/, [backup(2), backup(3), failed('r1', 2), restored('r2', 3)]],
  [
    'one has an unknown reason, and one restored',
    'fail',
    /1 of 2: .*expected to fail/,
    [backup(2), backup(3), failed('r1', 2, { kind: 'unknown' }), restored('r2', 3)],
  ],
])
table(everyRestoreFails, { kind: 'unknown' }, [['any failure', 'unknown', /cannot be expected/, [failed('r1', 2)]]])

table(falseGreen, {}, [
  [
    'exit code 0 and wrong content',
    'pass',
    /exited with 0 although 1 restore .* other content/,
    [backup(2), wrong('r1', 2)],
  ],
  ['the content is right', 'fail', /recorded content/, [backup(2), restored('r1', 2)]],
  ['the tool failed too', 'fail', /itself failed/, [backup(2), wrong('r1', 2, { toolSucceeded: false })]],
  ['nothing was recorded', 'unknown', /has no record of its backup/, [wrong('r1', 2)]],
  ['it failed for something else', 'unknown', /has no digest/, [backup(2), { ...failed('r1', 2), ...claimSuccess(2) }]],
  [
    'only the last one is wrong',
    'fail',
    /1 of 2: .*recorded content/,
    [backup(1), backup(2), restored('r1', 1), wrong('r2', 2)],
  ],
])

function claimSuccess(snapshot: number): { restore: RestoreRecord } {
  const { restore } = failed('r1', snapshot) as Extract<JournalEvent, { kind: 'restore' }>
  return { restore: { ...restore, toolSucceeded: true } }
}
