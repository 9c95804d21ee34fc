import { readFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import type { ContentLink, ContentResult, ReadContent } from '../assess/content.ts'
import { isReadable, linksOf, withContent } from '../assess/content-verdict.ts'
import { judgeWorkload, type WorkloadJudgement } from '../assess/judge.ts'
import { MountTable } from '../assess/mount-table.ts'
import type { Site } from '../assess/site.ts'
import { checkDescription, type SiteDescription, siteOfDescription, siteOfMounts } from '../assess/site-of.ts'
import { type AssessmentSummary, Summary, type SummaryOptions } from '../assess/summary.ts'
import { isOfOtherVms } from '../assess/unseen.ts'
import { InputError } from '../errors.ts'
import type { FoundWorkload } from '../scan/found.ts'
import { type ScanRequest, scanTargets } from '../scan/scan.ts'
import { eachOf } from './each-of.ts'
import { imageRecord } from './image-record.ts'

export interface AssessmentRequest
  extends Omit<ScanRequest, 'depth'>,
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
}

/** So many workloads at most are judged together: a chain does not leave its workload, unless somebody wants it to. */
const mostTogether = 16
const mostSetAside = 1000
/** Disks whose content is read at the same time: each has a process, and several requests under way. */
const mostReadAtOnce = 4

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
  readonly #setAside = new Set<string>()
  /** Targets whose shares did not answer while content was read. */
  readonly #mute = new Set<number>()
  #unseen: string | undefined
  #begun: { readonly site: Site; readonly summary: Summary } | undefined
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
    const unanswered: (readonly [where: string, message: string])[] = []
    for await (const event of scanTargets(this.#scan(), this.#signal)) {
      if (event.kind === 'target') {
        this.#targets[event.target] = event.path
        for (const id of event.workloadIds) this.#known.add(id)
        if (event.oddities.length > 0) this.#odd.push(...event.oddities)
      } else if (event.kind === 'no-target') {
        const path = this.#targets[event.target] ?? '?'
        refuseWrongPath(path, event.message)
        this.#unseen = `${path} could not be read`
        unanswered.push([path, event.message])
      } else if (event.kind === 'silent') {
        const path = this.#targets[event.target] ?? '?'
        this.#unseen = `${path} does not answer`
        unanswered.push([path, `no answer for ${Math.round(event.afterMs / 1000)} s, at ${event.folder || 'its root'}`])
      } else if (event.kind === 'read') {
        this.#images += event.images
        this.#progress()
      } else if (event.kind === 'skipped') {
        this.#workloads++
        this.#begin().summary.addSkipped()
      } else await this.#judge(event.workload)
    }
    for (const id of this.#setAside) await this.#judgeTogether(id)
    const { summary } = this.#begin()
    summary.addOddities(this.#odd)
    for (const [where, message] of unanswered) summary.addUnseen(where, message)
    return summary.finish()
  }

  readonly #odd: Parameters<Summary['addOddities']>[0][number][] = []

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
  #begin(): { readonly site: Site; readonly summary: Summary } {
    this.#begun ??= this.#started()
    return this.#begun
  }

  #started() {
    const { site: description, depth, nowMs, maxAgeMs, failOn } = this.#request
    const table = new MountTable(readFileSync('/proc/self/mountinfo', 'utf8'))
    refuseSameTargets(this.#targets, table)
    const site =
      description === undefined
        ? siteOfMounts(table, this.#targets)
        : siteOfDescription(
            description,
            this.#targets.map((path) => table.shareAt(path)),
          )
    const more = maxAgeMs === undefined ? {} : { maxAgeMs }
    return { site, summary: new Summary({ targets: this.#targets, depth, site, nowMs, failOn, ...more }) }
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
    if (judgement.wantedWorkloads.size > 0 && this.#setAside.size < mostSetAside) {
      this.#setAside.add(workload.workloadId)
      return
    }
    await this.#conclude(workload, judgement)
  }

  /** Reads it again, with all the workloads that its chains go on in. */
  async #judgeTogether(workloadId: string): Promise<void> {
    const wanted = [workloadId]
    const read: FoundWorkload[] = []
    for (let id = wanted.shift(); id !== undefined; id = wanted.shift()) {
      const { vm: _vm, project: _project, ...scan } = this.#scan()
      for await (const event of scanTargets({ ...scan, workload: id }, this.#signal)) {
        // A name may be the id of another.
        if (event.kind === 'workload' && event.workload.workloadId === id) read.push(event.workload)
        if (event.kind === 'silent') this.#unseen ??= `${this.#targets[event.target]} does not answer`
      }
      const [workload, ...others] = read
      if (workload === undefined) {
        this.#begin().summary.addUnseen(`workload_${workloadId}`, 'it was there, and cannot be read a second time')
        return
      }
      const judgement = judgeWorkload(workload, this.#context(), others)
      const more = [...judgement.wantedWorkloads].filter((one) => !wanted.includes(one))
      if (read.length + wanted.length + more.length <= mostTogether) wanted.push(...more)
      if (wanted.length === 0) await this.#conclude(workload, judgement)
    }
  }

  async #conclude(workload: FoundWorkload, judgement: WorkloadJudgement): Promise<void> {
    const images = [...judgement.images]
    const { readContent, depth, concurrency } = this.#request
    if (depth === 'content' && readContent !== undefined)
      await eachOf(images, Math.min(concurrency, mostReadAtOnce), async (judged, nth) => {
        if (judged.image === undefined || !isReadable(judged)) return
        const links = linksOf(judged.image, judgement.parentOf, this.#targets)
        images[nth] = withContent(judged, await this.#read(readContent, judged.verdict.target, links))
      })
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
  async #read(read: ReadContent, target: number, links: readonly ContentLink[]): Promise<ContentResult> {
    if (this.#mute.has(target))
      return { kind: 'unknown', reason: 'not answering', why: 'its share did not answer before' }
    const result = await read(links, { signal: this.#signal })
    if (result.kind !== 'read' && result.reason === 'not answering') this.#mute.add(target)
    return result
  }

  #progress(): void {
    const { onProgress } = this.#listener
    if (onProgress === undefined) return
    const total = (this.#images / Math.max(this.#workloads, 1)) * this.#known.size
    onProgress(this.#images, Math.max(this.#images, Math.round(total)))
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
