import { setTimeout as sleep } from 'node:timers/promises'
import { type AssessmentRequest, assess } from '../../assess/assess.ts'
import type { ReadContent } from '../../assess/judge/content-port.ts'
import type { TargetIdentity } from '../../assess/scan/found.ts'
import { type Scan, type ScanRequest, scanTargets } from '../../assess/scan/scan.ts'
import { InputError, MachineError } from '../../errors.ts'
import { chainKeyOf, type DiskReading } from '../disk-reading.ts'
import { Readings } from '../readings.ts'
import { otherTarget } from '../same-target.ts'
import type { HeldJob } from './jobs.ts'
import type { Queue } from './queue.ts'
import { insertReadings, type Manifest, type OpenVerification, placesOfTargets, readingRows } from './store.ts'
import { unreadTarget, whyUnread } from './unread-target.ts'

export interface WorkerRequest extends Pick<AssessmentRequest, 'targets' | 'concurrency' | 'answerWithinMs'> {
  readonly readContent: ReadContent
  /** Settles when content may be read. */
  readonly untilOpen?: (signal: AbortSignal) => Promise<void>
  readonly tool: string
  readonly host: string
  /** True to end when all slices were read or given up. */
  readonly isEndingWhenEmpty: boolean
}

export interface WorkerListener {
  readonly onSlice?: (disks: number) => void
  readonly onRead?: (reading: DiskReading) => void
  readonly onBytes?: (bytes: number) => void
  readonly onIdle?: () => void
  /** Takes why a slice was given back. */
  readonly onGivenBack?: (why: string) => void
}

const lookEveryMs = 1000
/** Readings are kept this often: what a killed worker loses. */
const keepEveryMs = 2000

/** Reads slices until it is stopped, or the queue is empty. Returns the number of slices that were read. */
export async function work(
  request: WorkerRequest,
  queue: Queue,
  listener: WorkerListener,
  signal: AbortSignal,
): Promise<number> {
  const identities = await identify(request, signal)
  let slices = 0
  for (let isIdle = false; ; ) {
    signal.throwIfAborted()
    const own = await ownVerifications(identities, request, queue)
    const taken = await takeOne(
      own.map(({ verification }) => verification),
      queue,
    )
    if (taken === undefined) {
      if (request.isEndingWhenEmpty && (await isRead(own, queue))) return slices
      if (!isIdle) listener.onIdle?.()
      isIdle = true
      await sleep(lookEveryMs, undefined, { signal })
      continue
    }
    isIdle = false
    const { job, verification } = taken
    const places = own.find((one) => one.verification === verification)?.places ?? []
    const isDone = await readSlice(
      job,
      verification,
      { ...request, targets: places.map((at) => request.targets[at] ?? '?') },
      queue,
      listener,
      signal,
    )
    if (isDone) slices++
  }
}

/** @throws InputError for a path that is not a target */
async function identify(
  { targets, concurrency, answerWithinMs }: WorkerRequest,
  signal: AbortSignal,
): Promise<readonly TargetIdentity[]> {
  const identities: TargetIdentity[] = []
  const scan = { targets, depth: 'headers', isIdentifying: true, concurrency, answerWithinMs, workloadIds: [] } as const
  for await (const event of scanTargets(scan, signal)) {
    const path = 'target' in event ? (targets[event.target] ?? '?') : '?'
    if (event.kind === 'target' && event.identity) identities[event.target] = event.identity
    else if (event.kind === 'no-target' || event.kind === 'silent') throw unreadTarget(event, path)
  }
  return identities
}

/** The verifications of the targets that are mounted here. @throws InputError if there are only others */
async function ownVerifications(
  identities: readonly TargetIdentity[],
  { targets, tool }: WorkerRequest,
  { store }: Queue,
) {
  const open = await store.openVerifications()
  const own = open.flatMap((verification) => {
    const places = placesOfTargets(verification.targets, identities)
    return places === undefined ? [] : [{ verification, places }]
  })
  const same = own.filter(({ verification }) => verification.tool === tool)
  const [other] = open
  if (own.length === 0 && other !== undefined) {
    const why = other.targets.flatMap((target) => identities.flatMap((one) => otherTarget(target, one) ?? []))
    throw new InputError(
      `${targets.join(', ')}: the queue verifies other targets: ${why[0] ?? 'a target is missing'}`,
      {
        remedy: 'Mount the share that the verification reads, and pass its path.',
      },
    )
  }
  const [first] = own
  if (same.length === 0 && first !== undefined)
    throw new InputError(`the verification was begun by dr-drill ${first.verification.tool}, and this is ${tool}`, {
      remedy: 'Use the same version on all hosts.',
    })
  return same
}

/** True if no slice is left. One that another worker holds, or gave back a moment ago, is. */
async function isRead(own: Awaited<ReturnType<typeof ownVerifications>>, { store }: Queue): Promise<boolean> {
  for (const { verification } of own) {
    const { slices, done, failed } = await store.counts(verification.id)
    if (done + failed < slices) return false
  }
  return true
}

async function takeOne(verifications: readonly OpenVerification[], { jobs }: Queue) {
  for (const verification of verifications) {
    await jobs.ensure(verification.queue)
    const job = await jobs.take(verification.queue)
    if (job !== undefined) return { job, verification }
  }
  return undefined
}

/** Returns false if the slice was given back: this host could not read all of it, but another one may. */
async function readSlice(
  job: HeldJob,
  verification: OpenVerification,
  request: WorkerRequest,
  queue: Queue,
  listener: WorkerListener,
  signal: AbortSignal,
): Promise<boolean> {
  const { jobs, store, database } = queue
  const beat = setInterval(() => void jobs.touch(verification.queue, job), (jobs.heartbeatSeconds * 1000) / 4)
  try {
    const manifest = await store.slice(verification.id, job.data.digest)
    // The verification was judged, or removed.
    if (manifest === undefined) {
      await database.transaction((client) => jobs.complete(verification.queue, job, client))
      return false
    }
    listener.onSlice?.(manifest.disks.length)
    await readDisks(manifest, verification.since, request, queue, listener, signal)
    await database.transaction(async (client) => {
      await client.query('update dr_drill.slices set done_at = now() where verification = $1 and digest = $2', [
        verification.id,
        job.data.digest,
      ])
      await jobs.complete(verification.queue, job, client)
    })
    return true
  } catch (error) {
    const why = signal.aborted ? 'the worker was stopped' : (error as Error).message
    await store.keepError(job.data, `${request.host}: ${why}`).catch(() => {})
    await jobs.giveBack(verification.queue, job, why).catch(() => {})
    signal.throwIfAborted()
    if (error instanceof InputError || error instanceof MachineError) throw error
    listener.onGivenBack?.(why)
    return false
  } finally {
    clearInterval(beat)
  }
}

/**
 * Reads the disks of a slice that are not settled, and keeps the readings.
 * @throws Error if a target did not answer; what `assess` and the database throw
 */
async function readDisks(
  manifest: Manifest,
  since: string,
  { readContent, untilOpen, tool, host, ...request }: WorkerRequest,
  { store, database }: Queue,
  { onRead, onBytes }: WorkerListener,
  signal: AbortSignal,
): Promise<void> {
  const readings = new Readings()
  for (const id of manifest.workloadIds) for (const one of await store.readingsOf(id)) readings.add(one)
  const wanted = new Map(manifest.disks.map(({ path, key }) => [path, key]))
  const fresh: DiskReading[] = []
  let keptMs = performance.now()
  let unanswered: string | undefined
  const keep = async () => {
    keptMs = performance.now()
    await database.query(insertReadings, [readingRows(fresh.splice(0))])
  }

  const readOne: ReadContent = async (links, options) => {
    const [first] = links
    const path = first?.file?.path ?? ''
    const key = chainKeyOf(links)
    if (key === undefined || wanted.get(path) !== key) return { kind: 'unknown', why: 'its files have changed' }
    if (!readings.isSettled(key, since, tool)) {
      await untilOpen?.(options.signal)
      const result = await readContent(links, {
        ...options,
        onProgress: (bytes) => {
          onBytes?.(bytes)
          options.onProgress?.(bytes)
        },
      })
      if (result.kind !== 'read' && result.reason === 'not answering') unanswered ??= result.why
      const reading = { key, path, date: new Date().toISOString(), tool, host, result }
      fresh.push(reading)
      onRead?.(reading)
    }
    if (performance.now() - keptMs > keepEveryMs) await keep()
    return { kind: 'unknown', why: 'it is judged later' }
  }

  async function* scan(asked: ScanRequest, until: AbortSignal): ReturnType<Scan> {
    const workloadIds = asked.workloadIds ?? manifest.workloadIds
    for await (const event of scanTargets({ ...asked, depth: 'headers', workloadIds }, until)) {
      if (event.kind === 'no-target' || event.kind === 'silent')
        unanswered ??= whyUnread(event, request.targets[event.target] ?? '?')
      yield event
    }
  }

  await assess(
    {
      ...request,
      depth: 'content',
      isIdentifying: true,
      nowMs: Date.now(),
      failOn: [],
      scan,
      readContent: readOne,
      isContentSelected: (path) => wanted.has(path),
    },
    {},
    signal,
  )
  await keep()
  if (unanswered !== undefined) throw new Error(unanswered)
}
