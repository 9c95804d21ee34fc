import { dirname } from 'node:path'
import { ChainIdentities } from './judge/chain-identities.ts'
import type { WorkloadJudgment } from './judge/judge-workload.ts'
import { type Depth, momentText, type PastContent, type RecordSummary } from './judge/past-image.ts'
import { pastAfter } from './judge/past-update.ts'
import { areSameFiles, type Present, withLostContent, withPast } from './judge/past-verdict.ts'
import type { TargetFinding } from './judge/target-finding.ts'
import type { JudgedImage, ReadBefore } from './judge/verdict.ts'
import type { TreeImage } from './judge/workload-tree.ts'
import type { PastFile } from './past/past-file.ts'
import { removedFrom } from './removed-disks.ts'
import type { FoundWorkload } from './scan/found.ts'

export interface PastComparisonOptions {
  readonly file: PastFile
  /** The version of dr-drill. */
  readonly tool: string
  readonly nowMs: number
  readonly scanDepth: Depth
  /** Absolute, by index. Symbolic links are resolved once a target was read. */
  readonly targets: readonly string[]
}

/** Compares an assessment with earlier ones, and adds it to their record. */
export class PastComparison {
  readonly #options: PastComparisonOptions
  readonly #date: string
  readonly #counts = { known: 0, compared: 0, changed: 0, added: 0, carried: 0 }

  constructor(options: PastComparisonOptions) {
    this.#options = options
    this.#date = new Date(options.nowMs).toISOString()
  }

  get summary(): RecordSummary {
    return { path: this.#options.file.path, ...this.#counts }
  }

  /** Returns the earlier content of disks, to compare theirs with. Undefined for a disk that was not read before. */
  readBefore({ parentOf }: Pick<WorkloadJudgment, 'parentOf'>): (image: TreeImage) => ReadBefore | undefined {
    const identities = new ChainIdentities(parentOf)
    return (image) => this.#before(image, identities)
  }

  /**
   * The images of a workload with what earlier assessments found, and findings about disks that are gone.
   * @param fresh the verdicts of this assessment alone
   */
  conclude(
    workload: FoundWorkload,
    fresh: readonly JudgedImage[],
    judgment: WorkloadJudgment,
    isWhole: boolean,
  ): { readonly images: readonly JudgedImage[]; readonly findings: readonly TargetFinding[] } {
    const { file, targets, scanDepth } = this.#options
    const identities = new ChainIdentities(judgment.parentOf)
    const findings: TargetFinding[] = []
    const images = fresh.map((judged): JudgedImage => {
      const { image, verdict } = judged
      if (image === undefined) return withLostContent(judged, this.#contentOf(verdict.path))
      const links = identities.linksOf(image).flatMap((link) => {
        const past = file.of(link.path)
        return past === undefined ? [] : { path: link.path, past, present: this.#present(link, identities) }
      })
      const before = verdict.role === 'disk' ? this.#before(image, identities) : undefined
      const known = { ...judged, verdict: { ...verdict, ...(before && { readBefore: before }) } }
      if (before?.isSameFiles === false && verdict.digest === undefined)
        findings.push({
          code: 'files-changed',
          where: verdict.path,
          target: verdict.target,
          message: writtenSince(before),
        })
      const compared = withPast(known, links, scanDepth)
      this.#count(compared, known)
      return compared
    })
    const removed = isWhole
      ? removedFrom(workload, fresh, file.ofWorkload(workload.workloadId), targets, judgment.gapAt)
      : { images: [], findings: [], reported: [] }
    this.#renew(fresh, identities)
    for (const path of removed.reported) file.set(path, undefined)
    return { images: [...images, ...removed.images], findings: [...findings, ...removed.findings] }
  }

  /** Workloads of these targets that no target has any more. */
  *removedWorkloads(known: ReadonlySet<string>): Generator<TargetFinding> {
    const { file, targets } = this.#options
    for (const workloadId of file.workloadIds) {
      if (known.has(workloadId)) continue
      const dates = file
        .ofWorkload(workloadId)
        .flatMap(({ content, findings }) => [...(content ? [content] : []), ...findings])
        .filter(({ target }) => targets.includes(target))
        .map(({ date }) => date)
        .sort()
      const last = dates.at(-1)
      if (last === undefined) continue
      const message = `removed since ${momentText(last)}, when it was assessed`
      yield { code: 'workload-removed', where: `workload_${workloadId}`, message }
    }
  }

  /** Adds the verdicts of this assessment alone: what was carried over was not found again. */
  #renew(fresh: readonly JudgedImage[], identities: ChainIdentities): void {
    const { file } = this.#options
    for (const judged of fresh) {
      const { image, verdict } = judged
      if (image === undefined) continue
      const { path } = image
      const content = verdict.role === 'disk' ? this.#contentOf(path) : undefined
      const past = { findings: file.of(path)?.findings ?? [], ...(content && { content }) }
      const next = pastAfter(judged, past, this.#present(image, identities))
      if (next !== undefined || file.of(path) !== undefined) file.set(path, next)
    }
  }

  #before(image: TreeImage, identities: ChainIdentities): ReadBefore | undefined {
    const content = this.#contentOf(image.path)
    if (content === undefined) return undefined
    const isSameFiles = areSameFiles(content, this.#present(image, identities))
    return { date: content.date, digest: content.digest, ...(isSameFiles !== undefined && { isSameFiles }) }
  }

  /** A disk of a snapshot stays the same, even if its image gets another name. */
  #contentOf(path: string): PastContent | undefined {
    const { file } = this.#options
    return file.of(path)?.content ?? file.contentIn(path) ?? file.contentIn(dirname(path))
  }

  #present(image: TreeImage, identities: ChainIdentities): Present {
    const { tool, scanDepth, targets } = this.#options
    const target = targets[image.target] ?? '?'
    return { date: this.#date, tool, scanDepth, target, chain: identities.of(image) }
  }

  #count({ verdict }: JudgedImage, { verdict: fresh }: JudgedImage): void {
    const { digest, readBefore, defect } = verdict
    if (readBefore !== undefined) this.#counts.known++
    if (readBefore !== undefined && digest !== undefined) this.#counts.compared++
    if (defect?.code === 'content-changed' && digest !== undefined) this.#counts.changed++
    if (readBefore === undefined && digest !== undefined) this.#counts.added++
    if (verdict.defect !== fresh.defect) this.#counts.carried++
  }
}

const writtenSince = ({ date }: ReadBefore): string =>
  `its files were written since ${momentText(date)}, when its content was read`
