import { bytesOf } from '../text/bytes.ts'
import { duration } from '../text/duration.ts'
import { counted } from '../text/plural.ts'
import { printable, printableJson } from '../text/printable.ts'
import { openQueue } from '../verify/queue/open.ts'
import type { OpenVerification, SliceCounts } from '../verify/queue/store.ts'

/** Prints how far the verifications of a queue are that were not judged yet. */
export async function printQueueStatus(url: string, isJson: boolean): Promise<void> {
  await using queue = await openQueue(url, (message) => process.stderr.write(`${message}\n`))
  const open = await queue.store.openVerifications()
  const nowMs = await queue.store.nowMs()
  if (open.length === 0 && !isJson) process.stdout.write('The queue has no verification that is not judged.\n')
  for (const verification of open) {
    const counts = await queue.store.counts(verification.id)
    process.stdout.write(
      isJson ? `${printableJson(recordOf(verification, counts))}\n` : textOf(verification, counts, nowMs),
    )
  }
}

const recordOf = ({ id, tool, disks, bytes, begunAt }: OpenVerification, counts: SliceCounts): object => ({
  kind: 'verification',
  id,
  tool,
  begunAt: begunAt.toISOString(),
  disks,
  bytes,
  ...counts,
})

function textOf({ id, disks, bytes, begunAt }: OpenVerification, counts: SliceCounts, nowMs: number): string {
  const { slices, done, failed, doneBytes } = counts
  const tookMs = Math.max(1, nowMs - begunAt.getTime())
  const left = doneBytes > 0 ? `, ${duration(((bytes - doneBytes) / doneBytes) * tookMs)} left` : ''
  const lost = failed > 0 ? `, ${failed} given up` : ''
  return [
    `${id}: ${counted(disks, 'disk')}, begun ${duration(tookMs)} ago`,
    `  ${done} of ${counted(slices, 'slice')} were read${lost}; ${bytesOf(doneBytes, bytes)}${left}`,
    `  ${printable(done + failed < slices ? 'Workers are reading, or have to be started.' : 'Run "verify" again: it judges.')}`,
    '',
  ].join('\n')
}
