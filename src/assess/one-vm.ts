import { isAskedVm } from './scan/asked-vm.ts'
import type { FoundSnapshot, FoundWorkload } from './scan/found.ts'

/**
 * Splits a workload that was read completely: into what a scan for one VM finds, and the disks of its other VMs, which
 * hold parents.
 */
export function splitByVm(
  workload: FoundWorkload,
  vm: string,
): { readonly asked: FoundWorkload; readonly rest: FoundWorkload } {
  const withSnapshots = (change: (snapshot: FoundSnapshot) => FoundSnapshot): FoundWorkload => ({
    ...workload,
    parts: workload.parts.map((part) => ({ ...part, snapshots: part.snapshots.map(change) })),
  })
  const isAsked = ({ vmNames }: FoundSnapshot, vmId: string) => isAskedVm(vm, vmId, vmNames)
  return {
    asked: withSnapshots((snapshot) => {
      const isOfAsked = ({ vmId }: { readonly vmId?: string }) => vmId === undefined || isAsked(snapshot, vmId)
      const isInAsked = ({ file }: { readonly file: string }) => isOfAsked({ ...vmIdIn(file) })
      return {
        ...snapshot,
        ...(snapshot.resources && { resources: snapshot.resources.filter(isOfAsked) }),
        disks: snapshot.disks.filter(isOfAsked),
        problems: snapshot.problems.filter(isInAsked),
        oddities: snapshot.oddities.filter(({ kind, path }) =>
          // An unreadable folder belongs to its VM; anything else in its place is visible to a scan for another VM too.
          isInAsked({ file: kind === 'unreadable' ? `${path}/` : path }),
        ),
      }
    }),
    rest: withSnapshots((snapshot) => ({
      ...snapshot,
      disks: snapshot.disks.filter(({ vmId }) => !isAsked(snapshot, vmId)),
    })),
  }
}

/** The VM whose folder a path is in. */
function vmIdIn(path: string): { readonly vmId?: string } {
  const [, vmId] = /^[^/]+\/[^/]+\/vm_id_([^/]+)\//.exec(path) ?? []
  return vmId === undefined ? {} : { vmId }
}
