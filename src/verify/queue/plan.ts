import { createHash } from 'node:crypto'
import type { AssessmentRequest } from '../../assess/assess.ts'
import { findSite } from '../../assess/find-site.ts'
import { isReadable, linksOf } from '../../assess/judge/content-verdict.ts'
import { judgeWorkload } from '../../assess/judge/judge-workload.ts'
import type { FoundWorkload, TargetIdentity } from '../../assess/scan/found.ts'
import { type ScanEvent, scanTargets } from '../../assess/scan/scan.ts'
import type { SiteMounts } from '../../assess/site/site-mounts.ts'
import { chainKeyOf } from '../disk-reading.ts'
import { type DiskSelection, SelectedDisks } from '../disk-selection.ts'
import { Readings } from '../readings.ts'
import { addVerification, findOpen } from './add-verification.ts'
import type { Queue } from './queue.ts'
import { type DiskToRead, Slicer } from './slicing.ts'
import type { OpenVerification, Slice } from './store.ts'
import { unreadTarget } from './unread-target.ts'

export interface SlicesRequest extends Pick<AssessmentRequest, 'targets' | 'concurrency' | 'answerWithinMs'> {
  readonly selection: DiskSelection
  /** Readings that are older are not used again. */
  readonly reverifyAfterMs: number
  readonly tool: string
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
    else if (event.kind === 'no-target' || event.kind === 'silent') throw unreadTarget(event, plan.pathOf(event.target))
    else if (event.kind === 'workload') {
      const open = workloads === 0 ? await findOpen(plan.key(request), queue) : undefined
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
  const added = { key: plan.key(request), tool, since, targets: plan.identities, selection }
  return await addVerification(added, slices, queue, signal)
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

  pathOf(target: number): string {
    return this.#paths[target] ?? '?'
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
