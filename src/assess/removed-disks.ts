import { dirname } from 'node:path'
import { momentText, type PastContent, type PastImage } from './judge/past-image.ts'
import type { TargetFinding } from './judge/target-finding.ts'
import { type JudgedImage, verdictOfAbsent } from './judge/verdict.ts'
import type { Gap } from './judge/workload-tree.ts'
import type { FoundSnapshot, FoundWorkload } from './scan/found.ts'

interface Removed {
  /** Disks that their snapshots have lost. */
  readonly images: readonly JudgedImage[]
  /** Snapshots that are gone, as retention removes them. */
  readonly findings: readonly TargetFinding[]
  /** Paths that need not be reported again. */
  readonly reported: readonly string[]
}

interface Place {
  readonly snapshotId: string
  readonly vmId: string
  readonly resourceId: string
  readonly device: string
}

/**
 * Disks of a workload whose content was read before, and of which nothing is found now: no image, and no record.
 * @param gapAt why a path may hold an image although none was found
 */
export function removedFrom(
  workload: FoundWorkload,
  judged: readonly JudgedImage[],
  past: readonly PastImage[],
  targets: readonly string[],
  gapAt: (path: string) => Gap | undefined,
): Removed {
  const folders = new Set(judged.flatMap(({ verdict: { path } }) => [path, dirname(path)]))
  const gone = past.flatMap(({ path, content }) => {
    const place = placeOf(path)
    const isFound = content === undefined || folders.has(dirname(path)) || gapAt(path) !== undefined
    return isFound || place === undefined ? [] : { path, content, place }
  })
  const images: JudgedImage[] = []
  const findings: TargetFinding[] = []
  const reported: string[] = []
  for (const [snapshotId, disks] of Map.groupBy(gone, ({ place }) => place.snapshotId)) {
    const found = snapshotOf(workload, snapshotId)
    const [first] = disks
    if (first === undefined) continue
    if (found === undefined) {
      const where = `workload_${workload.workloadId}/snapshot_${snapshotId}`
      findings.push({ code: 'snapshot-removed', where, message: since(first.content, targets) })
      reported.push(...disks.filter(({ content }) => targets.includes(content.target)).map(({ path }) => path))
      continue
    }
    for (const { path, place, content } of disks) {
      const { target, snapshot } = found
      const absent = { target, path, workloadId: workload.workloadId, role: 'disk' as const, ...place }
      const why = `${since(content, targets)}; its snapshot still exists`
      const verdict = verdictOfAbsent(absent, snapshot.vmNames?.[place.vmId], {
        code: 'disk-removed',
        state: 'broken',
        why,
      })
      images.push({ verdict })
    }
  }
  return { images, findings, reported }
}

/** Undefined if it is on no target, or if the records mark it as deleted. */
function snapshotOf(
  { parts }: FoundWorkload,
  id: string,
): { readonly target: number; readonly snapshot: FoundSnapshot } | undefined {
  const copies = parts.flatMap(({ target, snapshots }) =>
    snapshots.flatMap((snapshot) => (snapshot.snapshotId === id ? { target, snapshot } : [])),
  )
  return copies.some(({ snapshot }) => snapshot.record?.isDeleted) ? undefined : copies[0]
}

function since({ date, target }: PastContent, targets: readonly string[]): string {
  const moment = momentText(date)
  return targets.includes(target)
    ? `removed since ${moment}, when its content was read`
    : `missing here; its content was read at ${target} on ${moment}`
}

function placeOf(path: string): Place | undefined {
  const [, snapshotId, vmId, resourceId, device] =
    /^workload_[^/]+\/snapshot_([^/]+)\/vm_id_([^/]+)\/vm_res_id_([^_/]+)_([^/]+)\//.exec(path) ?? []
  if (snapshotId === undefined || vmId === undefined || resourceId === undefined || device === undefined)
    return undefined
  return { snapshotId, vmId, resourceId, device }
}
