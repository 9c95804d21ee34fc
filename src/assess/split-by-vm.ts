import type { FoundSnapshot, FoundWorkload } from './scan/found.ts'
import { isSelectedVm, type VmSelection } from './scan/selected-vm.ts'

/**
 * Splits a workload that was read completely: into what a scan for some VMs finds, and the disks of its other VMs, which
 * hold parents.
 */
export function splitByVm(
  workload: FoundWorkload,
  selection: VmSelection,
): { readonly selected: FoundWorkload; readonly rest: FoundWorkload } {
  const withSnapshots = (change: (snapshot: FoundSnapshot) => FoundSnapshot): FoundWorkload => ({
    ...workload,
    parts: workload.parts.map((part) => ({ ...part, snapshots: part.snapshots.map(change) })),
  })
  const isSelected = ({ vmNames }: FoundSnapshot, vmId: string) =>
    isSelectedVm(selection, workload.workloadId, vmId, vmNames)
  return {
    selected: withSnapshots((snapshot) => {
      const isOfSelected = ({ vmId }: { readonly vmId?: string }) => vmId === undefined || isSelected(snapshot, vmId)
      const isInSelected = ({ file }: { readonly file: string }) => isOfSelected({ ...vmIdIn(file) })
      return {
        ...snapshot,
        ...(snapshot.resources && { resources: snapshot.resources.filter(isOfSelected) }),
        disks: snapshot.disks.filter(isOfSelected),
        problems: snapshot.problems.filter(isInSelected),
        oddities: snapshot.oddities.filter(({ kind, path }) =>
          // An unreadable folder belongs to its VM; anything else in its place is visible to a scan for another VM too.
          isInSelected({ file: kind === 'unreadable' ? `${path}/` : path }),
        ),
      }
    }),
    rest: withSnapshots((snapshot) => ({
      ...snapshot,
      disks: snapshot.disks.filter(({ vmId }) => !isSelected(snapshot, vmId)),
    })),
  }
}

/** The VM whose folder a path is in. */
function vmIdIn(path: string): { readonly vmId?: string } {
  const [, vmId] = /^[^/]+\/[^/]+\/vm_id_([^/]+)\//.exec(path) ?? []
  return vmId === undefined ? {} : { vmId }
}
