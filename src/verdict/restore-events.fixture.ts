// Events of a journal about one disk, `vda` of "web": its backups, and restores of them.
import type { AppendedEvent, JournalEvent, RestoreRecord } from '../journal/journal.ts'
import type { ExpectedReason } from './claim/failed-for.ts'

export const testDigests = ['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)] as const
const origin = '/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0='

export function imageOf(snapshot: number): RestoreRecord['image'] {
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
    digest: testDigests[snapshot - 1] ?? testDigests[2],
  }
}

export const backupEvent = (snapshot: number): JournalEvent => ({
  kind: 'backup',
  share: '10.10.2.20:/upstream',
  image: imageOf(snapshot),
  originPath: origin,
  site: 'primary',
})

export function restoreEvent(id: string, snapshot: number, changes: Partial<RestoreRecord> = {}): JournalEvent {
  const restore: RestoreRecord = {
    id,
    image: imageOf(snapshot),
    site: 'recovery',
    node: 'compute-1',
    sizedOn: 'appliance',
    outcome: 'restored',
    digest: imageOf(snapshot).digest,
    toolSucceeded: true,
    durationMs: 5,
    ...changes,
  }
  return { kind: 'restore', restore, evidence: { mounts: [] } }
}

export function failedRestoreEvent(
  id: string,
  snapshot: number,
  reason: Partial<ExpectedReason> = {},
  node = 'compute-1',
): JournalEvent {
  const { digest, ...restore } = (restoreEvent(id, snapshot, { node }) as Extract<JournalEvent, { kind: 'restore' }>)
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

export const wrongRestoreEvent = (id: string, snapshot: number, changes: Partial<RestoreRecord> = {}): JournalEvent =>
  restoreEvent(id, snapshot, {
    outcome: 'failed',
    digest: 'f'.repeat(64),
    reason: { kind: 'wrong content', node: 'compute-1', sentence: 'it has other content' },
    ...changes,
  })

export const observationEvent = (subject: string, facts: unknown, where = 'compute-1'): JournalEvent => ({
  kind: 'observation',
  subject,
  where,
  facts,
})

/** The reason of `failedRestoreEvent`. */
export const missingOriginPath: ExpectedReason = { kind: 'origin path missing', path: origin, node: 'compute-1' }
/** Moves events to a series. */
export const eventsOfSeries = (series: string, ...events: readonly JournalEvent[]): readonly AppendedEvent[] =>
  events.map((event) => ({ ...event, series }))
