import { setImmediate } from 'node:timers/promises'
import type { RecordProblem } from '../target/record-files.ts'
import { ContentReading } from './content-reading.ts'
import { findSite, refuseWrongPath } from './find-site.ts'
import { imageRecord } from './image-record.ts'
import { type AssessmentSummary, SummaryBuilder, type SummaryOptions } from './judge/assessment-summary.ts'
import type { ReadContent } from './judge/content-port.ts'
import { judgeWorkload, type WorkloadJudgment } from './judge/judge-workload.ts'
import { rowOfSecrets, type SecretNeeds, secretNeeds } from './judge/secret-needs.ts'
import type { TargetFinding } from './judge/target-finding.ts'
import { isOfOtherVms } from './judge/unseen.ts'
import { type WorkloadRecord, workloadRecord } from './judge/workload-record.ts'
import { refuseInside } from './past/refuse-inside.ts'
import { PastComparison, type PastComparisonOptions } from './past-comparison.ts'
import type { FoundWorkload, Oddity } from './scan/found.ts'
import { type Scan, type ScanEvent, type ScanRequest, scanTargets } from './scan/scan.ts'
import { isPartial } from './scan/selected-vm.ts'
import { SetAside } from './set-aside.ts'
import { checkDescription, type SiteDescription } from './site/site-description.ts'
import type { SiteMounts } from './site/site-mounts.ts'
import { splitByVm } from './split-by-vm.ts'
import { Unanswered } from './unanswered.ts'

export interface AssessmentRequest
  extends Omit<ScanRequest, 'depth' | 'workloadIds'>,
    Pick<SummaryOptions, 'depth' | 'nowMs' | 'maxAgeMs' | 'failOn' | 'secretIds'> {
  /** Undefined for this host, by its mount table. */
  readonly site?: SiteDescription
  /** Required for depth `content`. */
  readonly readContent?: ReadContent
  /** The record of earlier assessments, which the caller saves. Undefined without one. */
  readonly past?: Pick<PastComparisonOptions, 'file' | 'tool'>
  /** The disks whose content is read, by the paths of their images. Undefined for all. */
  readonly isContentSelected?: (path: string) => boolean
  /** Reads the targets. Undefined for a scan of them, now. */
  readonly scan?: Scan
}

export interface AssessmentListener {
  /** Takes a record of each image, a workload at a time, and is awaited before the next one. */
  readonly onImage?: (record: object) => Promise<void> | undefined
  /** Takes the record of each workload, after those of its images, and is awaited as well. */
  readonly onWorkload?: (record: WorkloadRecord) => Promise<void> | undefined
  /** Workloads that were read; with depth `content`, that were measured before their content is read. */
  readonly onProgress?: (workloads: number, total: number) => void
  /** Before content is read: the secrets that it needs. */
  readonly onSecrets?: (needs: SecretNeeds) => void
  /** While content is read. The total is fixed: the length of all images of each chain. */
  readonly onContent?: (bytes: number, total: number) => void
}

/**
 * Reads targets and judges them, a workload at a time. It only reads, and reports what did not answer.
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
  readonly #read: Scan
  /** Symbolic links are resolved once a target was read. */
  readonly #targets: string[]
  readonly #known = new Set<string>()
  readonly #setAside = new SetAside()
  /** Undefined unless content is read. */
  readonly #content: ContentReading | undefined
  /** Undefined unless there is a record of earlier assessments. */
  readonly #past: PastComparison | undefined
  /** Workloads that had disappeared when they were read again. */
  readonly #gone = new Set<string>()
  readonly #unanswered = new Unanswered()
  readonly #odd: Oddity[] = []
  readonly #problems: RecordProblem[] = []
  #unseen: string | undefined
  #begun: { readonly site: SiteMounts; readonly summary: SummaryBuilder } | undefined
  #workloads = 0

  constructor(request: AssessmentRequest, listener: AssessmentListener, signal: AbortSignal) {
    this.#request = request
    this.#listener = listener
    this.#signal = signal
    this.#read = request.scan ?? scanTargets
    this.#targets = [...request.targets]
    const { site, targets, depth, readContent, isContentSelected, concurrency, past, nowMs } = request
    // An error in it is reported before anything is read.
    if (site !== undefined) checkDescription(site, targets.length)
    const { depth: scanDepth } = this.#scan()
    if (past !== undefined) this.#past = new PastComparison({ ...past, nowMs, scanDepth, targets: this.#targets })
    if (depth === 'content' && readContent !== undefined)
      this.#content = new ContentReading({
        readContent,
        targets: this.#targets,
        concurrency,
        signal,
        unanswered: this.#unanswered,
        ...(listener.onContent && { onContent: listener.onContent }),
        ...(isContentSelected && { isSelected: isContentSelected }),
      })
  }

  async run(): Promise<AssessmentSummary> {
    const { onProgress, onSecrets, onContent } = this.#listener
    const isReported = (onProgress ?? onSecrets ?? onContent) !== undefined
    if (this.#content !== undefined && isReported) await this.#measure(this.#content)
    for await (const event of this.#read(this.#scan(), this.#signal)) {
      if (event.kind === 'target') {
        this.#know(event)
        for (const oddity of event.oddities) this.#odd.push(oddity)
        for (const problem of event.problems) this.#problems.push(problem)
      } else if (event.kind === 'no-target') {
        refuseWrongPath(this.#targets[event.target] ?? '?', event.message)
        this.#noTarget(event)
      } else if (event.kind === 'silent') this.#silent(event)
      else if (event.kind === 'skipped') this.#skip()
      else if (event.kind === 'workload') await this.#judge(event.workload)
    }
    await this.#judgeTogether()
    const { summary } = this.#begin()
    summary.addProblems(this.#problems)
    summary.addOddities(this.#odd)
    for (const [where, message] of this.#unanswered.all) summary.addUnseen(where, message)
    for (const finding of this.#removedWorkloads()) summary.addFinding(finding)
    return { ...summary.finish(), ...(this.#past && { record: this.#past.summary }) }
  }

  /** Only where everything was read. */
  #removedWorkloads(): Iterable<TargetFinding> {
    const { workload, project } = this.#request
    const isSelection = workload !== undefined || project !== undefined || isPartial(this.#request)
    if (isSelection || this.#unanswered.all.length > 0) return []
    const inPlace = this.#odd.flatMap(({ path }) => /^workload_([^/]+)$/.exec(path)?.[1] ?? [])
    return this.#past?.removedWorkloads(this.#known.union(new Set(inPlace))) ?? []
  }

  /** Reads headers only, to know how much content there is before the first byte of it is read. */
  async #measure(content: ContentReading): Promise<void> {
    let measured = 0
    const needing: Parameters<typeof secretNeeds>[0][number][] = []
    for await (const event of this.#read({ ...this.#scan(), depth: 'headers' }, this.#signal)) {
      if (event.kind === 'target') this.#know(event)
      else if (event.kind === 'no-target') refuseWrongPath(this.#targets[event.target] ?? '?', event.message)
      else if (event.kind === 'workload' && !this.#isOfOtherVms(event.workload)) {
        const judgment = judgeWorkload(event.workload, this.#context())
        content.expect(event.workload.workloadId, judgment)
        needing.push(...rowOfSecrets(event.workload, judgment))
      }
      if (event.kind === 'workload' || event.kind === 'skipped')
        this.#listener.onProgress?.(++measured, this.#known.size)
    }
    this.#listener.onSecrets?.(secretNeeds(needing, this.#request.secretIds))
  }

  #know({ target, path, workloadIds }: Extract<ScanEvent, { kind: 'target' }>): void {
    this.#targets[target] = path
    for (const id of workloadIds) this.#known.add(id)
  }

  #skip(): void {
    this.#begin().summary.addSkipped()
    this.#progress()
  }

  #scan(): ScanRequest & { readonly depth: 'headers' | 'tables' } {
    const { concurrency, answerWithinMs, depth, workload, project, vm, shard, isIdentifying } = this.#request
    return {
      targets: this.#targets,
      depth: depth === 'headers' ? 'headers' : 'tables',
      isIdentifying: isIdentifying === true || this.#request.past !== undefined,
      concurrency,
      answerWithinMs,
      ...(workload !== undefined && { workload }),
      ...(project !== undefined && { project }),
      ...(vm !== undefined && { vm }),
      ...(shard && { shard }),
    }
  }

  /** Starts the summary, once the targets are known. */
  #begin(): { readonly site: SiteMounts; readonly summary: SummaryBuilder } {
    this.#begun ??= this.#started()
    return this.#begun
  }

  #started() {
    const { site: description, depth, nowMs, maxAgeMs, failOn, secretIds } = this.#request
    const site = findSite(description, this.#targets)
    if (this.#request.past !== undefined) refuseInside(this.#request.past.file.path, this.#targets)
    const more = { ...(maxAgeMs !== undefined && { maxAgeMs }), ...(secretIds && { secretIds }) }
    return { site, summary: new SummaryBuilder({ targets: this.#targets, depth, site, nowMs, failOn, ...more }) }
  }

  #context() {
    return {
      site: this.#begin().site,
      hasWorkload: (id: string) => this.#known.has(id),
      isOneVm: isPartial(this.#request),
      ...(this.#unseen !== undefined && { unseen: this.#unseen }),
    }
  }

  async #judge(workload: FoundWorkload): Promise<void> {
    if (this.#isOfOtherVms(workload)) {
      this.#skip()
      return
    }
    const judgment = judgeWorkload(workload, this.#context())
    const { wantedWorkloads } = judgment
    if (wantedWorkloads.size === 0 || !this.#setAside.add(workload.workloadId, wantedWorkloads))
      await this.#conclude(workload, judgment)
  }

  #isOfOtherVms(workload: FoundWorkload): boolean {
    return this.#request.vm !== undefined && isOfOtherVms(workload)
  }

  /**
   * Reads workloads that were set aside again, with all that their chains continue in, until a target stops answering.
   */
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
        const { selected, rest } = isPartial(this.#request)
          ? splitByVm(workload, this.#request)
          : { selected: workload }
        const judgment = judgeWorkload(
          selected,
          this.#context(),
          [rest, ...others].filter((one) => one !== undefined),
        )
        if (!isWhole || !this.#setAside.extend(group, judgment.wantedWorkloads))
          await this.#conclude(selected, judgment)
      }
      if (isWhole) continue
      unread += this.#setAside.size
      if (unread > 0) this.#unanswered.add('chains across workloads', `those of ${unread} workloads were not followed`)
      return
    }
  }

  async #readAgain(workloadIds: ReadonlySet<string>) {
    const read = new Map<string, FoundWorkload>()
    const { vm: _vm, shard: _shard, project: _project, workload: _workload, ...scan } = this.#scan()
    let isWhole = true
    for await (const event of this.#read({ ...scan, workloadIds: [...workloadIds] }, this.#signal)) {
      if (event.kind === 'workload') read.set(event.workload.workloadId, event.workload)
      else if (event.kind === 'silent') this.#silent(event)
      else if (event.kind === 'no-target') this.#noTarget(event)
      isWhole &&= event.kind !== 'silent' && event.kind !== 'no-target'
    }
    for (const id of workloadIds)
      if (isWhole && !read.has(id) && !this.#gone.has(id)) {
        this.#gone.add(id)
        this.#unanswered.add(`workload_${id}`, 'it disappeared while the target was read')
      }
    return { read, isWhole }
  }

  #silent({ target, afterMs, folder }: Extract<ScanEvent, { kind: 'silent' }>): void {
    const path = this.#targets[target] ?? '?'
    this.#unseen = `${path} does not answer`
    this.#unanswered.addTarget(path, `no answer for ${Math.round(afterMs / 1000)} s, at ${folder || 'its root'}`)
  }

  #noTarget({ target, message }: Extract<ScanEvent, { kind: 'no-target' }>): void {
    const path = this.#targets[target] ?? '?'
    this.#unseen ??= `${path} cannot be read`
    this.#unanswered.addTarget(path, message)
  }

  async #conclude(workload: FoundWorkload, judgment: WorkloadJudgment): Promise<void> {
    const readBefore = this.#past?.readBefore(judgment)
    const fresh = (await this.#content?.read(workload.workloadId, judgment, readBefore)) ?? judgment.images
    const isWhole = !isPartial(this.#request) && this.#unseen === undefined
    const { images, findings } = this.#past?.conclude(workload, fresh, judgment, isWhole) ?? {
      images: fresh,
      findings: [],
    }
    await this.#request.past?.file.saveNowAndThen()
    const { summary } = this.#begin()
    summary.addWorkload(workload, images)
    for (const finding of findings) summary.addFinding(finding, workload)
    this.#progress()
    const { onImage, onWorkload } = this.#listener
    if (onImage === undefined && onWorkload === undefined) return
    const { nowMs } = this.#request
    const basis = { depth: this.#scan().depth, date: new Date(nowMs).toISOString() }
    for (const { verdict } of images) await onImage?.(imageRecord(verdict, this.#targets, basis))
    await onWorkload?.(workloadRecord(workload, images, { nowMs, isOneVm: isPartial(this.#request) }))
    // Lets signals through.
    await setImmediate()
    this.#signal.throwIfAborted()
  }

  #progress(): void {
    this.#workloads++
    // With content, the progress is that of its bytes.
    if (this.#content === undefined) this.#listener.onProgress?.(this.#workloads, this.#known.size)
  }
}
