import type { RecordFile } from '../backup/records.ts'
import { snapshotFolder, uuidFrom } from '../target/layout.ts'
import { writeRecord } from '../target/records.ts'
import type { PlannedSnapshot, PlannedWorkload } from './plan.ts'

/** What the product keeps of each VM's network and security group: two folders a VM and snapshot, with one record each. */
export function networkRecords(workload: PlannedWorkload, snapshot: PlannedSnapshot): readonly RecordFile[] {
  const folder = snapshotFolder({ workloadId: workload.id, snapshotId: snapshot.id })
  const vms = [...new Set(snapshot.disks.map((disk) => disk.vm))]
  return vms.flatMap((vm) =>
    (['network', 'security_group'] as const).map((kind) => {
      const id = uuidFrom(`${snapshot.id}/${vm.id}/${kind}`)
      return {
        path: `${folder}/${kind}/vm_res_id_${id}_${vm.name}/${kind}_db`,
        content: writeRecord(`${kind}_db`, [{ id, vm_id: vm.id, status: 'available', metadata: [] }]),
      }
    }),
  )
}
