import { readFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { eachOf } from '../concurrency/each-of.ts'
import { InputError } from '../errors.ts'
import type { RecordProblem } from '../target/record-files.ts'
import { bytesOf, ContentProgress } from './content-progress.ts'
import { imageRecord } from './image-record.ts'
import { type AssessmentSummary, SummaryBuilder, type SummaryOptions } from './judge/assessment-summary.ts'
import type { ContentLink, ContentResult, ReadContent } from './judge/content-port.ts'
import { isReadable, linksOf, withContent } from './judge/content-verdict.ts'
import { judgeWorkload, type WorkloadJudgement } from './judge/judge.ts'
import { isOfOtherVms } from './judge/unseen.ts'
import { linkFollower } from './local-links.ts'
import { splitByVm } from './one-vm.ts'
import type { FoundWorkload, Oddity } from './scan/found.ts'
import { type ScanEvent, type ScanRequest, scanTargets } from './scan/scan.ts'
import { SetAside } from './set-aside.ts'
import { MountTable } from './site/mount-table.ts'
import { checkDescription, type SiteDescription, siteOfDescription, siteOfMounts } from './site/site-description.ts'
import type { SiteMounts } from './site/site-mounts.ts'

export interface AssessmentRequest
  extends Omit<ScanRequest, 'depth' | 'workloadIds'>,
    Pick<SummaryOptions, 'depth' | 'nowMs' | 'maxAgeMs' | 'failOn'> {
  /** Left out: this host, by its mount table. */
  readonly site?: SiteDescription
  /** Needed for depth `content`. */
  readonly readContent?: ReadContent
}

export interface AssessmentListener {
  /** Takes a record of each image, a workload at a time; no more comes before it is done with it. */
  readonly onImage?: (record: object) => Promise<void> | undefined
  /** The total is an estimate until the end. */
  readonly onProgress?: (images: number, total: number) => void
  /** While content is read. The total is an estimate: a chain may be read as far as its images are long. */
  readonly onContent?: (bytes: number, total: number) => void
}

/** Disks whose content is read at the same time: each has a process, and several requests under way. */
const maxReadAtOnce = 4

/**
 * Reads targets and judges them, a workload at a time. Reads only; what is given up for want of an answer is said.
 * @throws InputError; MachineError when reading itself fails; the signal's reason
 */
export function assess(
  request: AssessmentRequest,
  listener: AssessmentListener,
  signal: AbortSignal,
): Promise<AssessmentSummary> {
  return new Assessment(request, listener, signal).run()
}

class Assessment {
  readonly #request: AssessmentRequest
  readonly #listener: AssessmentListener
  readonly #signal: AbortSignal
  /** Without symbolic links, as soon as they are known. */
  readonly #targets: string[]
  readonly #known = new Set<string>()
  readonly #setAside = new SetAside()
  readonly #content = new ContentProgress()
  /** Workloads that were not there when they were to be read again. */
  readonly #gone = new Set<string>()
  /** Targets whose shares did not answer while content was read. */
  readonly #mute = new Set<number>()
  /** What stopped answering, or never did. */
  readonly #unanswered: (readonly [where: string, message: string])[] = []
  #unseen: string | undefined
  #begun: { readonly site: SiteMounts; readonly summary: SummaryBuilder } | undefined
  #images = 0
  #workloads = 0

  constructor(request: AssessmentRequest, listener: AssessmentListener, signal: AbortSignal) {
    this.#request = request
    this.#listener = listener
    this.#signal = signal
    this.#targets = [...request.targets]
    const { site, targets } = request
    // What is wrong with it is said before anything is read.
    if (site !== undefined) checkDescription(site, targets.length)
  }

  async run(): Promise<AssessmentSummary> {
    for await (const event of scanTargets(this.#scan(), this.#signal)) {
      if (event.kind === 'target') {
        this.#targets[event.target] = event.path
        for (const id of event.workloadIds) this.#known.add(id)
        this.#odd.push(...event.oddities)
        this.#problems.push(...event.problems)
      } else if (event.kind === 'no-target') {
        refuseWrongPath(this.#targets[event.target] ?? '?', event.message)
        this.#noTarget(event)
      } else if (event.kind === 'silent') this.#silent(event)
      else if (event.kind === 'read') {
        this.#images += event.images
        this.#progress()
      } else if (event.kind === 'skipped') {
        this.#workloads++
        this.#begin().summary.addSkipped()
      } else await this.#judge(event.workload)
    }
    await this.#judgeTogether()
    const { summary } = this.#begin()
    summary.addProblems(this.#problems)
    summary.addOddities(this.#odd)
    for (const [where, message] of this.#unanswered) summary.addUnseen(where, message)
    return summary.finish()
  }

  readonly #odd: Oddity[] = []
  readonly #problems: RecordProblem[] = []

  #scan(): ScanRequest {
    const { concurrency, answerWithinMs, depth, workload, project, vm } = this.#request
    return {
      targets: this.#targets,
      depth: depth === 'headers' ? 'headers' : 'tables',
      concurrency,
      answerWithinMs,
      ...(workload !== undefined && { workload }),
      ...(project !== undefined && { project }),
      ...(vm !== undefined && { vm }),
    }
  }

  /** When the targets are known, and with them where else they are seen. */
  #begin(): { readonly site: SiteMounts; readonly summary: SummaryBuilder } {
    this.#begun ??= this.#started()
    return this.#begun
  }

  #started() {
    const { site: description, depth, nowMs, maxAgeMs, failOn } = this.#request
    const table = new MountTable(readFileSync('/proc/self/mountinfo', 'utf8'))
    refuseSameTargets(this.#targets, table)
    const site =
      description === undefined
        ? siteOfMounts(table, this.#targets, linkFollower(table))
        : siteOfDescription(
            description,
            this.#targets.map((path) => table.shareAt(path)),
          )
    const more = maxAgeMs === undefined ? {} : { maxAgeMs }
    return { site, summary: new SummaryBuilder({ targets: this.#targets, depth, site, nowMs, failOn, ...more }) }
  }

  #context() {
    const { vm } = this.#request
    return {
      site: this.#begin().site,
      hasWorkload: (id: string) => this.#known.has(id),
      isOneVm: vm !== undefined,
      ...(this.#unseen !== undefined && { unseen: this.#unseen }),
    }
  }

  async #judge(workload: FoundWorkload): Promise<void> {
    if (this.#request.vm !== undefined && isOfOtherVms(workload)) {
      this.#workloads++
      this.#begin().summary.addSkipped()
      return
    }
    const judgement = judgeWorkload(workload, this.#context())
    const { wantedWorkloads } = judgement
    if (wantedWorkloads.size === 0 || !this.#setAside.add(workload.workloadId, wantedWorkloads))
      await this.#conclude(workload, judgement)
  }

  /** Reads again what was set aside, with all that its chains go on in, until a target does not answer. */
  async #judgeTogether(): Promise<void> {
    for (let groups = this.#setAside.take(); groups.length > 0; groups = this.#setAside.take()) {
      const { read, isWhole } = await this.#readAgain(new Set(groups.flatMap(({ together }) => [...together])))
      let unread = 0
      for (const group of groups) {
        const [workload, ...others] = [...group.together].map((id) => read.get(id))
        if (workload === undefined) {
          unread++
          continue
        }
        const { vm } = this.#request
        const { asked, rest } = vm === undefined ? { asked: workload } : splitByVm(workload, vm)
        const judgement = judgeWorkload(
          asked,
          this.#context(),
          [rest, ...others].filter((one) => one !== undefined),
        )
        if (!isWhole || !this.#setAside.extend(group, judgement.wantedWorkloads)) await this.#conclude(asked, judgement)
      }
      if (isWhole) continue
      unread += this.#setAside.size
      if (unread > 0)
        this.#unanswered.push(['chains that leave their workloads', `those of ${unread} workloads were not followed`])
      return
    }
  }

  async #readAgain(workloadIds: ReadonlySet<string>) {
    const read = new Map<string, FoundWorkload>()
    const { vm: _vm, project: _project, workload: _workload, ...scan } = this.#scan()
    let isWhole = true
    for await (const event of scanTargets({ ...scan, workloadIds: [...workloadIds] }, this.#signal)) {
      if (event.kind === 'workload') read.set(event.workload.workloadId, event.workload)
      else if (event.kind === 'silent') this.#silent(event)
      else if (event.kind === 'no-target') this.#noTarget(event)
      isWhole &&= event.kind !== 'silent' && event.kind !== 'no-target'
    }
    for (const id of workloadIds)
      if (isWhole && !read.has(id) && !this.#gone.has(id)) {
        this.#gone.add(id)
        this.#unanswered.push([`workload_${id}`, 'it was there, and is no more'])
      }
    return { read, isWhole }
  }

  #silent({ target, afterMs, folder }: Extract<ScanEvent, { kind: 'silent' }>): void {
    const path = this.#targets[target] ?? '?'
    this.#unseen = `${path} does not answer`
    this.#unansweredAt(path, `no answer for ${Math.round(afterMs / 1000)} s, at ${folder || 'its root'}`)
  }

  #noTarget({ target, message }: Extract<ScanEvent, { kind: 'no-target' }>): void {
    const path = this.#targets[target] ?? '?'
    this.#unseen ??= `${path} could not be read`
    this.#unansweredAt(path, message)
  }

  /** Of a target, once: it may be read again. */
  #unansweredAt(path: string, message: string): void {
    if (!this.#unanswered.some(([where]) => where === path)) this.#unanswered.push([path, message])
  }

  async #conclude(workload: FoundWorkload, judgement: WorkloadJudgement): Promise<void> {
    const images = [...judgement.images]
    const { readContent, depth, concurrency } = this.#request
    if (depth === 'content' && readContent !== undefined) {
      const bytes = images.map((judged) => bytesOf(judged, judgement))
      this.#content.expect(bytes.reduce((sum, one) => sum + one, 0))
      await eachOf(images, Math.min(concurrency, maxReadAtOnce), async (judged, nth) => {
        if (judged.image === undefined || !isReadable(judged)) return
        const links = linksOf(judged.image, judgement.parentOf, this.#targets)
        using reading = this.#content.reading(bytes[nth] ?? 0, () => this.#tellContent())
        images[nth] = withContent(judged, await this.#read(readContent, judged.verdict.target, links, reading.more))
      })
    }
    this.#begin().summary.addWorkload(workload, images)
    this.#workloads++
    this.#progress()
    if (this.#listener.onImage === undefined) return
    for (const { verdict } of images) await this.#listener.onImage(imageRecord(verdict, this.#targets))
    // Signals are heard.
    await setImmediate()
    this.#signal.throwIfAborted()
  }

  /** A share that once did not answer is not asked again for each of its disks: that would take hours. */
  async #read(
    read: ReadContent,
    target: number,
    links: readonly ContentLink[],
    onProgress: (bytes: number) => void,
  ): Promise<ContentResult> {
    if (this.#mute.has(target))
      return { kind: 'unknown', reason: 'not answering', why: 'its share did not answer before' }
    const result = await read(links, { signal: this.#signal, onProgress })
    if (result.kind === 'read' || result.reason !== 'not answering' || this.#mute.has(target)) return result
    this.#mute.add(target)
    this.#unanswered.push([this.#targets[target] ?? '?', `no answer while content was read: ${result.why}`])
    return result
  }

  #progress(): void {
    const { onProgress } = this.#listener
    if (onProgress === undefined) return
    const total = (this.#images / Math.max(this.#workloads, 1)) * this.#known.size
    onProgress(this.#images, Math.max(this.#images, Math.round(total)))
  }

  #tellContent(): void {
    const { done, total } = this.#content
    // The one whose content is being read is not counted yet.
    const share = Math.min(1, (this.#workloads + 1) / Math.max(this.#known.size, 1))
    this.#listener.onContent?.(done, Math.round(total / share))
  }
}

/** All that is on it would be counted twice. */
function refuseSameTargets(targets: readonly string[], table: MountTable): void {
  for (const [nth, path] of targets.entries()) {
    const shown = table.pathsShowing(path)
    const again = targets.slice(nth + 1).find((other) => shown.includes(other))
    if (again !== undefined)
      throw new InputError(again === path ? `${path} is given twice` : `${path} and ${again} are the same folder`, {
        remedy: 'Name each target once.',
      })
  }
}

/** A path that is not there is the user's, not the share's. */
function refuseWrongPath(path: string, message: string): void {
  const code = /^(ENOENT|ENOTDIR)\b/.exec(message)?.[1]
  if (code === undefined) return
  const why = code === 'ENOENT' ? 'is not there' : 'is no folder'
  throw new InputError(`${path} ${why}`, { remedy: 'Name the folder where a target is mounted.' })
}
