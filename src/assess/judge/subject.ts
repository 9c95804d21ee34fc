import type { FoundWorkload } from '../scan/found.ts'

/** The names that people have for the things on the way to a path. */
export interface Subject {
  readonly workload?: string
  readonly snapshot?: string
  /** Its id where no record names it. */
  readonly vm?: string
  /** Device label. */
  readonly disk?: string
}

/** The names of what a path of a workload is about, as far as the path leads. */
export function subjectOf(path: string, { workloadId, parts }: FoundWorkload): Subject {
  const [workloadFolder, snapshotFolder = '', vmFolder = '', diskFolder = ''] = path.split('/')
  if (workloadFolder !== `workload_${workloadId}`) return {}
  const workload = parts.find(({ record }) => record?.name !== undefined)?.record?.name
  const copies = parts.flatMap(({ snapshots }) =>
    snapshots.filter(({ snapshotId }) => snapshotFolder === `snapshot_${snapshotId}`),
  )
  const snapshot = copies.find(({ record }) => record?.name !== undefined)?.record?.name
  const vmId = /^vm_id_(.+)$/.exec(vmFolder)?.[1]
  const vmName = vmId && copies.find(({ vmNames }) => vmNames?.[vmId] !== undefined)?.vmNames?.[vmId]
  const vm = vmName ?? vmId
  const disk = /^vm_res_id_[^_]+_(.+)$/.exec(diskFolder)?.[1]
  return {
    ...(workload !== undefined && { workload }),
    ...(snapshot !== undefined && { snapshot }),
    ...(vm !== undefined && { vm }),
    ...(disk !== undefined && { disk }),
  }
}
