import { table } from '../question-table.fixture.ts'
import { eventsOfSeries as during, observationEvent as observation, restoreEvent } from '../restore-events.fixture.ts'
import { namesParentsUnder } from './named-parent.ts'
import { restoreEndsAs, restoreIsRefused } from './restore-end.ts'
import { snapshotEndsAs } from './snapshot-end.ts'

const ran = (exitCode: number, stderr = '', command = 'snapshot-oneclick-restore s') =>
  observation('the command of the workload manager', {
    ...{ command, as: 'bob in shop', exitCode, stdout: '', stderr },
  })
const end = (status: string, error = '', left: readonly string[] = []) =>
  observation('the end of the restore', { id: 'r', as: 'alice in shop', status, error, left })

table(restoreEndsAs, { status: 'error', because: 'Cannot be read' }, [
  [
    'the state and the message',
    'pass',
    /restore r of alice in shop is error: it cannot be read/,
    [end('error', 'it cannot be read')],
  ],
  ['another message', 'fail', /expected error with "Cannot be read"/, [end('error', 'interrupted')]],
  ['another state', 'fail', /is available, expected error/, [end('available')]],
  [
    'a restore before one that was refused',
    'unknown',
    /the last restore was refused/,
    [...during('s1', ran(0), end('error', 'it cannot be read')), ...during('s2', ran(1, 'no role'))],
  ],
  ['facts of another kind', 'unknown', /not a valid observation/, [observation('the end of the restore', 'error')]],
])

table(restoreEndsAs, { status: 'cancelled' }, [
  ['nothing left', 'pass', /is cancelled, which left nothing on/, [end('cancelled')]],
  ['a disk that is left', 'fail', /which left vda\.raw on/, [end('cancelled', '', ['vda.raw'])]],
  ['a process that is left', 'fail', /which left qemu-img on/, [end('cancelled', '', ['qemu-img'])]],
])

table(restoreIsRefused, { because: 'the role member' }, [
  [
    'the message',
    'pass',
    /exited with 1: the restore is refused: bob lacks the role member/,
    [ran(1, 'the restore is refused: bob lacks the role member')],
  ],
  ['another message', 'fail', /expected an error with "the role member"/, [ran(1, 'no license')]],
  ['exit code 0', 'fail', /exited with 0/, [ran(0)]],
  [
    'a restore in the same step all the same',
    'fail',
    /a restore was made/,
    during('s1', ran(1, 'lacks the role member'), restoreEvent('u1', 1)),
  ],
  [
    'a restore in an earlier step',
    'pass',
    /exited with 1/,
    [...during('s1', restoreEvent('u1', 1)), ...during('s2', ran(1, 'lacks the role member'))],
  ],
])

const snapshot = (status: string, type: string, error = '') =>
  observation('the end of the snapshot', { id: 's', workload: 'web', status, type, error })

table(snapshotEndsAs, { status: 'available', type: 'incremental' }, [
  ['both', 'pass', /snapshot s of web is incremental, available/, [snapshot('available', 'incremental')]],
  ['a full one', 'fail', /is full, available, expected incremental, available/, [snapshot('available', 'full')]],
  ['an error', 'fail', /is incremental, error: read-only/, [snapshot('error', 'incremental', 'read-only')]],
  [
    'a snapshot before a run of the scheduler that took none',
    'unknown',
    /was not observed/,
    [
      ...during('s1', ran(0, '', 'workload-snapshot w'), snapshot('available', 'incremental')),
      ...during('s2', ran(0, '', 'scheduler-run')),
    ],
  ],
])

table(snapshotEndsAs, { status: 'error', because: 'Read-only' }, [
  [
    'the state and the message',
    'pass',
    /snapshot s of web is full, error: read-only/,
    [snapshot('error', 'full', 'read-only')],
  ],
  ['another message', 'fail', /expected error with "Read-only"/, [snapshot('error', 'full', 'interrupted')]],
  ['another state', 'fail', /is full, available, expected error/, [snapshot('available', 'full')]],
])

const named = (parent: string) =>
  observation("the name of an image's parent", { workload: 'web', snapshot: 3, image: 'workload_w/i', parent })

table(namesParentsUnder, { mountPath: '/mounts/b' }, [
  ['a parent there', 'pass', /snapshot 3 of web names \/mounts\/b\/workload_w/, [named('/mounts/b/workload_w/p')]],
  ['a parent elsewhere', 'fail', /expected a parent under \/mounts\/b/, [named('/mounts/a/workload_w/p')]],
  ['a parent in a folder with a longer name', 'fail', /expected a parent/, [named('/mounts/bc/workload_w/p')]],
  ['no parent', 'fail', /names no parent/, [named('')]],
])
