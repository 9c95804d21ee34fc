import { setTimeout as sleep } from 'node:timers/promises'
import { type AssessmentListener, type AssessmentRequest, assess } from '../../assess/assess.ts'
import type { AssessmentSummary } from '../../assess/judge/assessment-summary.ts'
import type { ReadContent } from '../../assess/judge/content-port.ts'
import { type Scan, type ScanRequest, scanTargets } from '../../assess/scan/scan.ts'
import { chainKeyOf } from '../disk-reading.ts'
import { type DiskSelection, SelectedDisks } from '../disk-selection.ts'
import { Readings } from '../readings.ts'
import { planVerification, type SlicesRequest } from './plan.ts'
import type { Queue } from './queue.ts'
import type { OpenVerification, SliceCounts } from './store.ts'

export interface QueuedVerificationRequest
  extends Omit<
      AssessmentRequest,
      'depth' | 'past' | 'scan' | 'isIdentifying' | 'isContentSelected' | 'readContent' | 'shard' | 'vm'
    >,
    Omit<SlicesRequest, 'targets'> {}

export interface QueueListener extends AssessmentListener {
  readonly onPlanned?: (verification: OpenVerification) => void
  readonly onCounts?: (counts: SliceCounts) => void
}

const lookEveryMs = 1000

/**
 * Adds a verification to the queue, waits for its workers, and judges the targets by what they read. A disk that no worker
 * could read is unknown.
 * @throws MachineError if the database stays away, or a target does not answer; the signal's reason, and the queue keeps
 * what it has
 */
export async function verifyByQueue(
  { selection, reverifyAfterMs, tool, ...request }: QueuedVerificationRequest,
  queue: Queue,
  listener: QueueListener,
  signal: AbortSignal,
): Promise<AssessmentSummary> {
  const { targets, concurrency, answerWithinMs } = request
  const onProgress = (done: number, total: number) => listener.onProgress?.(done, total)
  const planned = { targets, concurrency, answerWithinMs, selection, reverifyAfterMs, tool }
  const verification = await planVerification(planned, queue, onProgress, signal)
  listener.onPlanned?.(verification)
  await untilRead(verification, queue, listener, signal)
  const summary = await judge(request, verification, queue, listener, signal)
  await queue.store.markJudged(verification.id)
  return summary
}

async function untilRead(
  { id, queue: name }: OpenVerification,
  { store, jobs }: Queue,
  { onCounts }: QueueListener,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await jobs.eachLost(name, (job) => store.giveUp(job))
    const counts = await store.counts(id, signal)
    onCounts?.(counts)
    if (counts.done + counts.failed >= counts.slices) return
    await sleep(lookEveryMs, undefined, { signal })
  }
}

async function judge(
  request: Omit<QueuedVerificationRequest, keyof Omit<SlicesRequest, 'targets' | 'concurrency' | 'answerWithinMs'>>,
  verification: OpenVerification,
  { store }: Queue,
  listener: AssessmentListener,
  signal: AbortSignal,
): Promise<AssessmentSummary> {
  const failed = await store.failedDisks(verification.id)
  const selected = new SelectedDisks(verification.selection as DiskSelection)
  let readings = new Readings()

  async function* scan(asked: ScanRequest, until: AbortSignal): ReturnType<Scan> {
    for await (const event of scanTargets(asked, until)) {
      if (event.kind === 'workload') {
        selected.add(event.workload)
        // A second look reads several workloads before it judges one of them.
        if (asked.workloadIds === undefined) readings = new Readings()
        for (const one of await store.readingsOf(event.workload.workloadId)) readings.add(one)
      }
      yield event
    }
  }

  const readContent: ReadContent = async (links) => {
    const key = chainKeyOf(links)
    const isRead = key !== undefined && readings.isTried(key, verification.since, verification.tool)
    const result = isRead ? readings.resultOf(key) : undefined
    const why = (key !== undefined && failed.get(key)) || 'its files changed before a worker read them'
    return result ?? { kind: 'unknown', why: `it was not read: ${why}` }
  }

  return await assess(
    {
      ...request,
      depth: 'content',
      isIdentifying: true,
      scan,
      readContent,
      isContentSelected: (path) => selected.has(path),
    },
    listener,
    signal,
  )
}
