import type { JournalEvent } from '../../journal/journal.ts'
import { siteNodes } from '../observation/node-facts.ts'
import { table } from '../question-table.fixture.ts'
import {
  backupEvent as backup,
  eventsOfSeries as during,
  failedRestoreEvent as failed,
  imageOf as image,
  observationEvent as observation,
  restoreEvent as restored,
} from '../restore-events.fixture.ts'
import { everySnapshotRestored } from './coverage.ts'

const nodesOfSite = (...facts: readonly string[]) => observation(siteNodes.subject, facts, 'recovery')

const both = ['compute-1', 'compute-2'] as const
table(everySnapshotRestored, {}, [
  [
    'all of them, rightly or not',
    'pass',
    /^2 of 2 snapshots, on 1 of 2 nodes$/,
    [nodesOfSite(...both), backup(1), backup(2), restored('r1', 1), failed('r2', 2)],
  ],
  [
    'a single full one',
    'fail',
    /^only 1 of 3 snapshots, on 1 of 2 nodes, and not .*snapshot_s2.* on compute-1, .*snapshot_s3/,
    [nodesOfSite(...both), backup(1), backup(2), backup(3), restored('r1', 1)],
  ],
  [
    'another disk of the snapshot was not restored',
    'fail',
    /^only 0 of 1 snapshot, on 1 node, and not vdb on compute-1$/,
    [backup(1), { ...backup(1), image: { ...image(1), path: 'vdb', disk: 'vdb' } } as JournalEvent, restored('r1', 1)],
  ],
  [
    'each on one of two nodes',
    'fail',
    /^only 0 of 2 snapshots, on 2 nodes/,
    [backup(1), backup(2), restored('r1', 1), restored('r2', 2, { node: 'compute-2' })],
  ],
  [
    'the other one in an earlier series',
    'fail',
    /and not .*snapshot_s1/,
    [backup(1), backup(2), ...during('s1', restored('r1', 1)), ...during('s2', restored('r2', 2))],
  ],
  ['a snapshot was backed up after the restores', 'fail', /only 1 of 2/, [backup(1), restored('r1', 1), backup(2)]],
  ['nothing was backed up', 'unknown', /no such snapshot/, [restored('r1', 1)]],
  ['nothing was restored', 'unknown', /nothing was restored/, [backup(1)]],
])
table(everySnapshotRestored, { nodes: both }, [
  ['one of the nodes only', 'fail', /not .* on compute-2/, [nodesOfSite(...both), backup(1), restored('r1', 1)]],
])
table(everySnapshotRestored, { nodes: [] }, [['no node', 'unknown', /no node/, [backup(1), restored('r1', 1)]]])
table(everySnapshotRestored, { type: 'incremental', workload: 'web', snapshot: 2 }, [
  ['the named one only', 'pass', /^1 of 2/, [backup(1), backup(2), restored('r1', 2)]],
  ['not the named one', 'fail', /not .*snapshot_s2/, [backup(1), backup(2), restored('r1', 1)]],
  [
    'no such type',
    'unknown',
    /no such/,
    [backup(1), { ...backup(2), image: { ...image(2), type: 'full' } } as JournalEvent, restored('r1', 2)],
  ],
  [
    'no such workload',
    'unknown',
    /no such/,
    [{ ...backup(2), image: { ...image(2), workload: 'db' } } as JournalEvent, restored('r1', 2)],
  ],
  ['no such snapshot', 'unknown', /no such/, [backup(3), restored('r1', 3)]],
])
