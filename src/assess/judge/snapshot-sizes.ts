import type { FoundWorkload } from '../scan/found.ts'
import type { TargetFinding } from './target-finding.ts'
import type { JudgedImage } from './verdict.ts'

interface Sizes {
  readonly recorded: number
  readonly found: number
}

/**
 * Yields snapshots whose images have another size in total than `snapshot_db` records. As with images, this proves
 * something only where another snapshot of the workload agrees.
 */
export function* snapshotSizeFindings(
  { workloadId, parts }: FoundWorkload,
  judged: readonly JudgedImage[],
): Generator<TargetFinding> {
  const bySnapshot = Map.groupBy(judged, ({ verdict }) => verdict.snapshotId)
  const known = new Map(
    parts.flatMap(({ snapshots }) =>
      snapshots.flatMap(({ snapshotId, record, unread }) =>
        record === undefined || record.isDeleted || unread !== undefined ? [] : [[snapshotId, record] as const],
      ),
    ),
  )
  const compared = [...known].map(([snapshotId, { sizeBytes, virtualBytes }]) => {
    const images = bySnapshot.get(snapshotId) ?? []
    const sum = (value: (one: JudgedImage) => number | undefined) =>
      images.reduce((total, one) => total + (value(one) ?? 0), 0)
    const files = sum(({ image }) => image?.image.fileBytes)
    const disks = sum(({ image, verdict }) => (verdict.role === 'disk' ? image?.image.header?.virtualBytes : 0))
    return {
      where: `workload_${workloadId}/snapshot_${snapshotId}`,
      files: sizeBytes === undefined ? undefined : { recorded: sizeBytes, found: files },
      disks: virtualBytes === undefined ? undefined : { recorded: virtualBytes, found: disks },
    }
  })
  const agree = (sizes: readonly (Sizes | undefined)[]) =>
    sizes.some((one) => one !== undefined && one.recorded === one.found)
  const [filesAgree, disksAgree] = [
    agree(compared.map(({ files }) => files)),
    agree(compared.map(({ disks }) => disks)),
  ]
  for (const { where, files, disks } of compared) {
    // Retention makes files larger.
    if (filesAgree && files !== undefined && files.found < files.recorded)
      yield found(where, `its images have ${files.found} bytes, but snapshot_db records ${files.recorded}`)
    if (disksAgree && disks !== undefined && disks.found !== disks.recorded)
      yield found(where, `its disks have ${disks.found} bytes, but snapshot_db records ${disks.recorded} to restore`)
  }
}

const found = (where: string, message: string): TargetFinding => ({ code: 'record-disagrees', where, message })
