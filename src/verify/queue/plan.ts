import { createHash, randomUUID } from 'node:crypto'
import type { AssessmentRequest } from '../../assess/assess.ts'
import { findSite, refuseWrongPath } from '../../assess/find-site.ts'
import { isReadable, linksOf } from '../../assess/judge/content-verdict.ts'
import { judgeWorkload } from '../../assess/judge/judge-workload.ts'
import type { FoundWorkload, TargetIdentity } from '../../assess/scan/found.ts'
import { type ScanEvent, scanTargets } from '../../assess/scan/scan.ts'
import type { SiteMounts } from '../../assess/site/site-mounts.ts'
import { MachineError } from '../../errors.ts'
import { chainKeyOf } from '../disk-reading.ts'
import { type DiskSelection, SelectedDisks } from '../disk-selection.ts'
import { Readings } from '../readings.ts'
import type { Database } from './database.ts'
import type { Jobs } from './jobs.ts'
import { type DiskToRead, Slicer } from './slicing.ts'
import type { OpenVerification, QueueStore, Slice } from './store.ts'

export interface SlicesRequest extends Pick<AssessmentRequest, 'targets' | 'concurrency' | 'answerWithinMs'> {
  readonly selection: DiskSelection
  /** Readings that are older are not used again. */
  readonly reverifyAfterMs: number
  readonly tool: string
}

/** The queue of verifications: its tables, and its jobs. */
export interface Queue {
  readonly database: Database
  readonly store: QueueStore
  readonly jobs: Jobs
}

/**
 * Finds the disks whose content was not read yet, and adds them to the queue in slices. A verification of the same
 * targets that was not judged yet goes on.
 * @throws MachineError if a target does not answer
 */
export async function planVerification(
  request: SlicesRequest,
  queue: Queue,
  onProgress: (workloads: number, total: number) => void,
  signal: AbortSignal,
): Promise<OpenVerification> {
  const { targets, concurrency, answerWithinMs, selection, reverifyAfterMs, tool } = request
  const since = new Date((await queue.store.nowMs()) - reverifyAfterMs).toISOString()
  const plan = new Plan([...targets])
  const selected = new SelectedDisks(selection)
  const slicer = new Slicer()
  const slices: Slice[] = []
  let workloads = 0
  const scan = { targets, depth: 'headers', isIdentifying: true, concurrency, answerWithinMs } as const
  for await (const event of scanTargets(scan, signal)) {
    if (event.kind === 'target') plan.know(event)
    else if (event.kind === 'no-target') plan.refuse(event.target, event.message)
    else if (event.kind === 'silent') plan.refuse(event.target, 'it does not answer')
    else if (event.kind === 'workload') {
      const open = workloads === 0 ? await openOne(plan.key(request), queue) : undefined
      if (open !== undefined) return open
      selected.add(event.workload)
      const readings = new Readings()
      for (const reading of await queue.store.readingsOf(event.workload.workloadId)) readings.add(reading)
      for (const disk of plan.disksOf(event.workload)) {
        if (!selected.has(disk.path) || readings.isSettled(disk.key, since, tool)) continue
        const full = slicer.add(disk)
        if (full) slices.push(full)
      }
      onProgress(++workloads, plan.workloads)
    }
  }
  const rest = slicer.rest()
  if (rest) slices.push(rest)
  return await addVerification(plan, slices, { ...request, since }, queue, signal)
}

const openOne = async (key: string, { store }: Queue): Promise<OpenVerification | undefined> =>
  (await store.openVerifications()).find((one) => one.queue === queueOf(key))

const queueOf = (key: string): string => `verify-${key.slice(0, 24)}`

async function addVerification(
  plan: Plan,
  slices: readonly Slice[],
  request: SlicesRequest & Pick<OpenVerification, 'since'>,
  queue: Queue,
  signal: AbortSignal,
): Promise<OpenVerification> {
  const key = plan.key(request)
  const { selection, tool, since } = request
  const disks = slices.reduce((sum, { manifest }) => sum + manifest.disks.length, 0)
  const bytes = slices.reduce((sum, one) => sum + one.bytes, 0)
  const facts = { tool, since, targets: plan.identities, selection, disks, bytes, begunAt: new Date() }
  const one = { id: randomUUID(), queue: queueOf(key), ...facts }
  await queue.jobs.ensure(one.queue)
  const isAdded = await queue.database.transaction(async (client) => {
    const { rowCount } = await client.query(
      `insert into dr_drill.verifications (id, key, queue, tool, since, targets, selection, disks, bytes)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
      [one.id, key, one.queue, tool, since, JSON.stringify(one.targets), selection, disks, bytes],
    )
    // Another process has added the same verification meanwhile.
    if (rowCount === 0) return false
    for (const { digest, manifest, bytes: toRead } of slices) {
      signal.throwIfAborted()
      await client.query(
        'insert into dr_drill.slices (verification, digest, manifest, disks, bytes) values ($1, $2, $3, $4, $5)',
        [one.id, digest, JSON.stringify(manifest), manifest.disks.length, toRead],
      )
    }
    const jobs = slices.map(({ digest, manifest }) => ({
      verification: one.id,
      digest,
      disks: manifest.disks.length,
    }))
    await queue.jobs.add(one.queue, jobs, client)
    return true
  }, signal)
  return isAdded ? one : ((await openOne(key, queue)) ?? one)
}

/** The targets of a verification while their disks are found. */
class Plan {
  readonly #paths: string[]
  readonly #known = new Set<string>()
  readonly #identities: TargetIdentity[] = []
  #site: SiteMounts | undefined

  constructor(paths: string[]) {
    this.#paths = paths
  }

  get identities(): readonly TargetIdentity[] {
    return this.#identities
  }

  get workloads(): number {
    return this.#known.size
  }

  know({ target, path, identity, workloadIds }: Extract<ScanEvent, { kind: 'target' }>): void {
    this.#paths[target] = path
    if (identity) this.#identities[target] = identity
    for (const id of workloadIds) this.#known.add(id)
  }

  /** @throws InputError for a path that does not exist; MachineError */
  refuse(target: number, message: string): never {
    const path = this.#paths[target] ?? '?'
    refuseWrongPath(path, message)
    throw new MachineError('target-not-read', `${path} cannot be read: ${message}`)
  }

  /** Identifies a verification of these targets with these options. */
  key({ selection: { seed: _, ...selection }, tool }: SlicesRequest): string {
    const inodes = this.#identities.map(({ inode }) => inode)
    const first = this.#identities.map(({ workloads }) => Object.entries(workloads).slice(0, 1))
    return createHash('sha256')
      .update(JSON.stringify([inodes, first, selection, tool]))
      .digest('hex')
  }

  *disksOf(workload: FoundWorkload): Generator<DiskToRead> {
    this.#site ??= findSite(undefined, this.#paths)
    const context = { site: this.#site, hasWorkload: (id: string) => this.#known.has(id), isOneVm: false }
    const { images, parentOf } = judgeWorkload(workload, context)
    for (const judged of images) {
      if (judged.image === undefined || !isReadable(judged)) continue
      const links = linksOf(judged.image, parentOf, this.#paths)
      const key = chainKeyOf(links)
      const bytes = links.reduce((sum, { file }) => sum + (file?.fileBytes ?? 0), 0)
      if (key !== undefined) yield { workloadId: workload.workloadId, path: judged.image.path, key, bytes }
    }
  }
}
