import { momentOf } from './snapshot-age.ts'
import type { TargetFinding } from './target-finding.ts'
import type { JudgedImage } from './verdict.ts'
import type { TreeImage } from './workload-tree.ts'

/** Clocks differ, records may be in local time, and uploads end late. */
const slackMs = 24 * 3_600_000

interface DatedImage {
  readonly image: TreeImage
  readonly writtenMs: number
  readonly startedMs: number
  readonly finishedMs: number
}

/**
 * Yields images whose time of modification contradicts their snapshot's record, and images whose parent belongs to a later
 * snapshot. Times prove something only where most images of the workload have them from the backup: not every copy keeps
 * them.
 */
export function* dateFindings(judged: readonly JudgedImage[]): Generator<TargetFinding> {
  const dated = judged.flatMap(({ image }) => (image === undefined ? [] : datedImage(image)))
  const inTime = dated.filter((one) => !isLate(one) && !isEarly(one))
  const oldestMs = dated.reduce((oldest, { startedMs }) => Math.min(oldest, startedMs), Number.POSITIVE_INFINITY)
  if (inTime.length * 2 > dated.length)
    for (const one of dated) {
      const { path, target } = one.image
      const found = (message: string): TargetFinding => ({ code: 'record-disagrees', where: path, message, target })
      const written = `last modified ${textOf(one.writtenMs)}`
      if (isLate(one) && !mayBeMerged(one, oldestMs))
        yield found(`${written}, but snapshot_db records that its snapshot was finished ${textOf(one.finishedMs)}`)
      if (isEarly(one))
        yield found(`${written}, but snapshot_db records that its snapshot began ${textOf(one.startedMs)}`)
    }
  for (const { image, chain } of judged) {
    const [own, parents] = [image, chain?.parent].map((one) => momentOf(one?.snapshot.record?.createdAt))
    if (image === undefined || own === undefined || parents === undefined || parents <= own) continue
    const message = `its parent belongs to a snapshot of ${textOf(parents)}, but its own is of ${textOf(own)}`
    yield { code: 'record-disagrees', where: image.path, message, target: image.target }
  }
}

function datedImage(image: TreeImage): readonly DatedImage[] {
  const { writtenMs } = image.image
  const { createdAt, finishedAt } = image.snapshot.record ?? {}
  const startedMs = momentOf(createdAt)
  if (writtenMs === undefined || startedMs === undefined) return []
  return [{ image, writtenMs, startedMs, finishedMs: momentOf(finishedAt) ?? startedMs }]
}

const isLate = ({ writtenMs, finishedMs }: DatedImage): boolean => writtenMs > finishedMs + slackMs
const isEarly = ({ writtenMs, startedMs }: DatedImage): boolean => writtenMs < startedMs - slackMs

/** Retention commits the oldest kept image into its base, which is then the full image of that snapshot. */
function mayBeMerged({ image, startedMs }: DatedImage, oldestMs: number): boolean {
  return image.parent === undefined && (startedMs === oldestMs || image.row?.backingId !== undefined)
}

/** To the minute, in UTC. */
const textOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`
