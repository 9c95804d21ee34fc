import type { RecordFile } from '../backup/records.ts'
import { snapshotFolder, uuidFrom } from '../target/layout.ts'
import { writeRecord } from '../target/record-files.ts'
import type { PlannedDisk, PlannedSnapshot, PlannedWorkload } from './target-plan.ts'

/** Adds the rows that a VM has in `resources_db` beside its disks. `networkRecords` has the folders of two of them. */
export function withNetworkResources(
  records: readonly RecordFile[],
  workload: PlannedWorkload,
  snapshot: PlannedSnapshot,
): readonly RecordFile[] {
  const rows = vmsOf(snapshot).flatMap((vm) =>
    ['flavor', 'nic', 'network', 'subnet', 'router', 'security_group'].map((type) => ({
      id: idOf(snapshot, vm, type),
      vm_id: vm.id,
      snapshot_id: snapshot.id,
      resource_type: type,
      resource_name: `${type === 'flavor' || type === 'nic' ? vm.name : workload.name}-${type}`,
      status: 'available',
      metadata: metadataOf(type, vm.id),
    })),
  )
  return records.map((record) =>
    record.path.endsWith('/resources_db')
      ? { ...record, content: writeRecord('resources_db', [...JSON.parse(record.content), ...rows]) }
      : record,
  )
}

function metadataOf(type: string, seed: string) {
  if (type === 'flavor')
    return [...Object.entries({ vcpus: 2, ram: 4096, disk: 20 })].map(([key, value]) => ({ key, value }))
  if (type !== 'nic') return []
  const [a, b, c] = uuidFrom(`${seed}/mac`).match(/[\da-f]{2}/g) ?? []
  return [{ key: 'mac_address', value: `fa:16:3e:${a}:${b}:${c}` }]
}

function vmsOf(snapshot: PlannedSnapshot): readonly PlannedDisk['vm'][] {
  return [...new Map(snapshot.disks.map(({ vm }) => [vm.id, vm])).values()]
}

function idOf(snapshot: PlannedSnapshot, vm: PlannedDisk['vm'], type: string): string {
  return uuidFrom(`${snapshot.id}/${vm.id}/${type}`)
}

/** The records of each VM's network and security group: two folders with one record each, for each snapshot. */
export function networkRecords(workload: PlannedWorkload, snapshot: PlannedSnapshot): readonly RecordFile[] {
  const folder = snapshotFolder({ workloadId: workload.id, snapshotId: snapshot.id })
  return vmsOf(snapshot).flatMap((vm) =>
    (['network', 'security_group'] as const).map((kind) => {
      const id = idOf(snapshot, vm, kind)
      return {
        path: `${folder}/${kind}/vm_res_id_${id}_${vm.name}/${kind}_db`,
        content: contentOf(kind, id),
      }
    }),
  )
}

/** Only the product reads pickles. */
function contentOf(kind: 'network' | 'security_group', id: string): string {
  const known = { status: 'available', pickle: '(dp0\n.', metadata: [] }
  if (kind === 'network') return writeRecord('network_db', [{ vm_network_resource_snap_id: id, ...known }])
  return writeRecord('security_group_db', [{ id: uuidFrom(id), vm_security_group_snap_id: id, ...known }])
}
