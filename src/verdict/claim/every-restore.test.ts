import type { JournalEvent, RestoreRecord } from '../../journal/journal.ts'
import { siteNodes } from '../observation/node-facts.ts'
import { type Row, table } from '../question-table.fixture.ts'
import {
  backupEvent as backup,
  testDigests as digests,
  eventsOfSeries as during,
  failedRestoreEvent as failed,
  imageOf as image,
  observationEvent as observation,
  restoreEvent as restored,
  wrongRestoreEvent as wrong,
} from '../restore-events.fixture.ts'
import { everyRestore } from './every-restore.ts'

const nodesOfSite = (...facts: readonly string[]) => observation(siteNodes.subject, facts, 'recovery')

/** The backup of snapshot 2, recorded otherwise. */
const backedUp = (changes: Partial<RestoreRecord['image']>): JournalEvent => ({
  ...(backup(2) as Extract<JournalEvent, { kind: 'backup' }>),
  image: { ...image(2), ...changes },
})

table(everyRestore, {}, [
  ['same digest', 'pass', /1 restore has its recorded content/, [backup(2), restored('r1', 2)]],
  [
    'other digest, said to be restored',
    'fail',
    /snapshot 2 of "web".*other content/,
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
  // What the restore carries along about its image is not what was recorded.
  [
    'the restore claims another digest for its image',
    'fail',
    /other content/,
    [backup(2), restored('r1', 2, { digest: digests[0], image: { ...image(2), digest: digests[0] } })],
  ],
  [
    'another digest with the same beginning',
    'fail',
    /other content/,
    [backup(2), restored('r1', 2, { digest: `${digests[1].slice(0, -1)}0` })],
  ],
  [
    'no valid digest was recorded, and the restore has the same one',
    'unknown',
    /recorded digest .* is not valid/,
    [backedUp({ digest: 'x' }), restored('r1', 2, { digest: 'x' })],
  ],
  [
    'no digest was recorded, and the restore has none',
    'unknown',
    /recorded digest .* is not valid/,
    [backedUp({ digest: '' }), restored('r1', 2, { digest: '' })],
  ],
  ...(['path', 'vmId', 'disk', 'snapshotId'] as const).map(
    (key): Row => [
      `the backup of another ${key} has the digest`,
      'unknown',
      /has no record of its backup/,
      [backedUp({ [key]: 'other' }), restored('r1', 2)],
    ],
  ),
  ...(['path', 'vmId', 'disk', 'snapshotId'] as const).map(
    (key): Row => [
      `the last backup is of another ${key}`,
      'fail',
      /other content/,
      [backedUp({ digest: digests[0] }), backedUp({ [key]: 'other' }), restored('r1', 2)],
    ],
  ),
  [
    'it was backed up again before the restore, with other content',
    'fail',
    /other content/,
    [backup(2), backedUp({ digest: digests[0] }), restored('r1', 2)],
  ],
  [
    'it was backed up again before the restore, with the content restored',
    'pass',
    /./,
    [backedUp({ digest: digests[0] }), backup(2), restored('r1', 2)],
  ],
  [
    'it was backed up again after the restore, with other content',
    'pass',
    /./,
    [backup(2), restored('r1', 2), backedUp({ digest: digests[0] })],
  ],
  [
    'one failed, and one has an unknown content',
    'fail',
    /1 of 2: .*was not restored/,
    [backup(1), backup(2), restored('r1', 1, { digest: 'x' }), failed('r2', 2)],
  ],
  ['all of them', 'pass', /2 restores/, [backup(1), backup(2), restored('r1', 1), restored('r2', 2)]],
  ['one is wrong', 'fail', /1 of 2: .*other content/, [backup(1), backup(2), restored('r1', 1), wrong('r2', 2)]],
  ['one failed', 'fail', /1 of 2/, [backup(1), backup(2), restored('r1', 1), failed('r2', 2)]],
  ['the first failed', 'fail', /1 of 2/, [backup(1), backup(2), failed('r1', 1), restored('r2', 2)]],
  ['nothing was restored', 'unknown', /nothing was restored/, [backup(1)]],
  ['nothing was backed up', 'unknown', /has no record of its backup/, [restored('r1', 1)]],
  [
    'one has no digest',
    'unknown',
    /1 of 2/,
    [backup(1), backup(2), restored('r1', 1), restored('r2', 2, { digest: 'x' })],
  ],
  [
    'one of two snapshots was restored, on one of two nodes: the finding counts them',
    'pass',
    /^1 restore has its recorded content: 1 of 2 snapshots, on 1 of 2 nodes$/,
    [nodesOfSite('compute-1', 'compute-2'), backup(1), backup(2), restored('r1', 1)],
  ],
  [
    'an image was restored on one of two nodes only',
    'unknown',
    /never restored: .*snapshot_s2.* on compute-2/,
    [backup(1), backup(2), restored('r1', 1), restored('r2', 2), restored('r3', 1, { node: 'compute-2' })],
  ],
  [
    'the last series counts',
    'pass',
    /2 restores/,
    [
      ...[backup(1), backup(2)],
      ...during('s1', failed('r1', 2), failed('r2', 1)),
      ...during('s2', restored('r3', 1), restored('r4', 2)),
    ],
  ],
  [
    'one of the last series failed, and the last restore did not',
    'fail',
    /1 of 2/,
    [
      ...[backup(1), backup(2)],
      ...during('s1', restored('r1', 1), restored('r2', 2)),
      ...during('s2', failed('r3', 1), restored('r4', 2)),
    ],
  ],
])
table(everyRestore, { series: 's1' }, [
  [
    'the named series counts',
    'pass',
    /./,
    [backup(2), ...during('s1', restored('r1', 2)), ...during('s2', failed('r2', 2))],
  ],
  [
    'the named series has no restore',
    'unknown',
    /nothing was restored/,
    [backup(2), ...during('s2', restored('r2', 2))],
  ],
])
table(everyRestore, { images: [image(1).path, image(2).path] }, [
  ['one was never restored', 'unknown', /never restored: .*snapshot_s2/, [backup(1), backup(2), restored('r1', 1)]],
  [
    'it was restored in an earlier series',
    'unknown',
    /never restored: .*snapshot_s2/,
    [backup(1), backup(2), ...during('s1', restored('r1', 2)), ...during('s2', restored('r2', 1))],
  ],
])
table(everyRestore, { images: [image(1).path] }, [
  ['only the other failed', 'pass', /1 of 2 snapshots/, [backup(1), backup(2), restored('r1', 1), failed('r2', 2)]],
])
table(everyRestore, { nodes: ['compute-1', 'compute-2'] }, [
  ['the other node is left out', 'unknown', /never restored: .* on compute-2/, [backup(1), restored('r2', 1)]],
])
table(everyRestore, { nodes: ['compute-1'] }, [
  [
    'only the other node failed',
    'pass',
    /on 1 node$/,
    [backup(1), restored('r1', 1), failed('r2', 1, {}, 'compute-2')],
  ],
])
table(everyRestore, { nodes: [] }, [['no node', 'unknown', /names no node/, [backup(1), restored('r1', 1)]]])
table(everyRestore, { images: [] }, [['no image', 'unknown', /nothing/, [backup(1), restored('r1', 1)]]])
