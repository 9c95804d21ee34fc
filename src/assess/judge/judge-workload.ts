import type { FoundDisk, FoundSnapshot, FoundWorkload, Oddity } from '../scan/found.ts'
import type { Defect } from './defect.ts'
import { sortDiskFolder } from './disk-folder.ts'
import { Chains } from './judged-chain.ts'
import type { ResolveContext } from './parent-resolver.ts'
import { type ImageVerdict, type JudgedImage, verdictOf, verdictOfAbsent } from './verdict.ts'
import { type Gap, type TreeImage, WorkloadTree } from './workload-tree.ts'

export interface WorkloadJudgment {
  readonly images: readonly JudgedImage[]
  /** Other workloads that hold parents. Judged together with them, the workload may get better verdicts. */
  readonly wantedWorkloads: ReadonlySet<string>
  /** Returns undefined if it has no parent, or none was found. */
  parentOf(image: TreeImage): TreeImage | undefined
  /** Why a path may hold an image although none was found. */
  gapAt(path: string): Gap | undefined
}

interface Place {
  readonly target: number
  readonly workloadId: string
  readonly snapshot: FoundSnapshot
}

/**
 * Judges every image of a workload: existing ones, and those that only its records list.
 * @param others workloads that hold parents of its images
 */
export function judgeWorkload(
  workload: FoundWorkload,
  context: ResolveContext,
  others: readonly FoundWorkload[] = [],
): WorkloadJudgment {
  const tree = new WorkloadTree([workload, ...others])
  const chains = new Chains(tree, context)
  const byDisk = Map.groupBy(tree.images, ({ disk }) => disk)
  const images: JudgedImage[] = []
  const everywhere = resourcesOnAnyTarget(workload)
  for (const { target, snapshots } of workload.parts) {
    for (const snapshot of snapshots) {
      const place = { target, workloadId: workload.workloadId, snapshot }
      for (const disk of snapshot.disks)
        for (const image of judgeDisk(place, disk, byDisk.get(disk) ?? [], tree, chains)) images.push(image)
      for (const absent of absentDisks(place, everywhere, context.isOneVm)) images.push({ verdict: absent })
    }
  }
  return {
    images,
    wantedWorkloads: chains.wantedWorkloads,
    parentOf: (image) => chains.of(image).parent,
    gapAt: (path) => tree.gapAt(path),
  }
}

function judgeDisk(
  place: Place,
  disk: FoundDisk,
  found: readonly TreeImage[],
  tree: WorkloadTree,
  chains: Chains,
): readonly JudgedImage[] {
  const { roles, missing, isUnclear } = sortDiskFolder(disk, found)
  const judged = [...roles].map(([image, role]): JudgedImage => {
    const chain = chains.of(image)
    const verdict = verdictOf(image, chain, role)
    return { verdict: isUnclear && role === 'disk' ? unclear(verdict) : verdict, image, chain }
  })
  const absent = (path: string, role: 'disk' | 'base', defect: Pick<Defect, 'code' | 'state' | 'why'>) => ({
    verdict: verdictOfAbsent({ ...placeOf(place, disk), path, role }, place.snapshot.vmNames?.[disk.vmId], defect),
  })
  if (disk.unread !== undefined) {
    const why = `its folder cannot be read: ${disk.unread}`
    return [...judged, absent(disk.folder, 'disk', { code: 'unreadable', state: 'unknown', why })]
  }
  // Images of a deleted snapshot may be missing.
  if (place.snapshot.record?.isDeleted) return judged
  for (const { path, role } of missing) {
    const gap = tree.gapAt(path)
    const defect: Pick<Defect, 'code' | 'state' | 'why'> =
      gap === undefined
        ? { code: 'incomplete-replica', state: 'broken', why: 'recorded in disk_db, but missing' }
        : { ...gap, state: gap.code === 'not-a-file' ? 'broken' : 'unknown' }
    judged.push(absent(path, role === 'disk' ? 'disk' : 'base', defect))
  }
  if (found.length === 0 && missing.length === 0) {
    const why = 'the folder of this disk holds no image'
    judged.push(absent(disk.folder, 'disk', { code: 'incomplete-replica', state: 'broken', why }))
  }
  return judged
}

function unclear(verdict: ImageVerdict): ImageVerdict {
  if (verdict.state === 'broken') return verdict
  const { target, path } = verdict
  const why = 'its folder holds several images, and nothing states which one is the disk'
  return { ...verdict, state: 'unknown', defect: { code: 'unclear-top', state: 'unknown', why, target, path } }
}

/** Disks that the records of a snapshot list, and that have no folder on any target. */
function absentDisks(place: Place, everywhere: ReadonlySet<string>, isOneVm: boolean): readonly ImageVerdict[] {
  const { snapshot, workloadId } = place
  if (snapshot.record?.isDeleted || snapshot.unread !== undefined || snapshot.resources === undefined) return []
  return snapshot.resources.flatMap(({ resourceId, vmId = '?', device = '?' }) => {
    if (everywhere.has(keyOf(snapshot, resourceId))) return []
    const folder = `workload_${workloadId}/snapshot_${snapshot.snapshotId}/vm_id_${vmId}/vm_res_id_${resourceId}_${device.replaceAll(' ', '')}`
    const disk = { vmId, resourceId, device, folder, images: [] }
    const odd = snapshot.oddities.find(({ path }) => vmId === '?' || folder === path || folder.startsWith(`${path}/`))
    const absent = { ...placeOf(place, disk), path: folder, role: 'disk' as const }
    return [verdictOfAbsent(absent, snapshot.vmNames?.[vmId], defectOfAbsent(odd, isOneVm && vmId === '?'))]
  })
}

function defectOfAbsent(odd: Oddity | undefined, mayBeAnother: boolean): Pick<Defect, 'code' | 'state' | 'why'> {
  if (odd !== undefined) return { code: odd.kind, state: 'unknown', why: `${odd.path}: ${odd.message ?? odd.kind}` }
  if (mayBeAnother) {
    const why = 'resources_db does not state the VM of this disk, and only one VM was selected'
    return { code: 'not-looked-at', state: 'unknown', why }
  }
  return { code: 'incomplete-replica', state: 'broken', why: 'recorded in resources_db, but its folder is missing' }
}

function resourcesOnAnyTarget({ parts }: FoundWorkload): ReadonlySet<string> {
  return new Set(
    parts.flatMap(({ snapshots }) =>
      snapshots.flatMap((snapshot) => snapshot.disks.map(({ resourceId }) => keyOf(snapshot, resourceId))),
    ),
  )
}

const keyOf = ({ snapshotId }: FoundSnapshot, resourceId: string): string => `${snapshotId}/${resourceId}`

function placeOf({ target, workloadId, snapshot }: Place, { vmId, resourceId, device }: FoundDisk) {
  return { target, workloadId, snapshotId: snapshot.snapshotId, vmId, resourceId, device }
}
