import { isAskedVm } from './scan/asked-vm.ts'
import type { FoundSnapshot, FoundWorkload } from './scan/found.ts'

/**
 * A workload that was read whole, in two: what reading it for one VM finds, and the disks of its other VMs, which chains
 * may go on in.
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
          // The folder itself is seen also by who does not look into it, and is told of if it is none.
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

/** Whose folder something is in, by its path. */
function vmIdIn(path: string): { readonly vmId?: string } {
  const [, vmId] = /^[^/]+\/[^/]+\/vm_id_([^/]+)\//.exec(path) ?? []
  return vmId === undefined ? {} : { vmId }
}
