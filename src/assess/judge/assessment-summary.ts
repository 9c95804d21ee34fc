import type { RecordProblem } from '../../target/record-files.ts'
import type { FoundWorkload, Oddity } from '../scan/found.ts'
import type { SiteMounts } from '../site/site-mounts.ts'
import { type Blocker, Blockers } from './blockers.ts'
import { FindingTally } from './finding-tally.ts'
import type { State } from './judged-chain.ts'
import { missingImages, rootCauseOf } from './obstacle.ts'
import { type OriginPath, OriginTally } from './origin-tally.ts'
import type { Depth, RecordSummary } from './past-image.ts'
import { type SecretNeeds, secretNeeds } from './secret-needs.ts'
import { restoresIn, snapshotVerdicts } from './snapshot-verdict.ts'
import { subjectOf } from './subject.ts'
import { type FindingSummary, type TargetFinding, undeterminedCodes } from './target-finding.ts'
import { unseenIn } from './unseen.ts'
import type { JudgedImage } from './verdict.ts'
import { findingsIn, ofOddity, ofProblem } from './workload-findings.ts'
import { noStates, type StateCounts, type WorkloadRow, workloadRow, worstFirst } from './workload-row.ts'

export type FailOn = 'broken' | 'needs-recovery' | 'needs-secret' | 'stale'

export interface AssessmentSummary {
  readonly targets: readonly string[]
  readonly site: string
  /** Where the site mounts each target. Undefined for this host, which has them where they are read. */
  readonly pathsOnSite?: readonly string[]
  readonly depth: Depth
  /** When it began, in ISO 8601, UTC. */
  readonly date: string
  readonly totals: {
    readonly workloads: number
    readonly snapshots: number
    readonly images: number
    readonly fileBytes: number
    /** Disks of snapshots that are not deleted. Each is one restore. */
    readonly disks: number
    readonly states: StateCounts
    /** Workloads by their states. */
    readonly workloadStates: StateCounts
    /** Workloads that the filters exclude. */
    readonly skipped: number
    readonly stale: number
    /** Restores that need an origin path, whatever else they need. */
    readonly needOriginPath: number
    /** Disks whose content was read to its end, and those whose digest was compared with that of the backup or with an earlier one. */
    readonly content: { readonly read: number; readonly compared: number }
  }
  readonly workloads: readonly WorkloadRow[]
  readonly originPaths: readonly OriginPath[]
  readonly blockers: readonly Blocker[]
  readonly findings: readonly FindingSummary[]
  /** How it compares with earlier assessments. Undefined without `--record`. */
  readonly record?: RecordSummary
  /** The secrets that restores need, and the files of `--secrets` without a use. */
  readonly secrets: SecretNeeds
  readonly owners: readonly { readonly owner: string; readonly images: number }[]
  /** How old the newest restorable snapshot of a workload may be. Undefined without a limit. */
  readonly maxAgeMs?: number
  /** Why the assessment is incomplete. Empty if it is complete. */
  readonly unseen: readonly string[]
  readonly exitCode: 0 | 1 | 3
}

export interface SummaryOptions extends Pick<AssessmentSummary, 'targets' | 'depth'> {
  readonly site: SiteMounts
  readonly nowMs: number
  readonly maxAgeMs?: number
  readonly failOn: readonly FailOn[]
  /** The ids of the secrets that the user has. Undefined if none were passed. */
  readonly secretIds?: readonly string[]
}

const maxBlockers = 20

/** Adds up verdicts, workload by workload, and keeps one row for each. */
export class SummaryBuilder {
  readonly #options: SummaryOptions
  readonly #rows: WorkloadRow[] = []
  readonly #findings = new FindingTally()
  readonly #origins: OriginTally
  readonly #blockers = new Blockers()
  /** How many images each owner has, and one of them. */
  readonly #owners = new Map<string, { readonly images: number; readonly example: string }>()
  readonly #unseen: string[] = []
  readonly #content = { read: 0, compared: 0 }
  #skipped = 0

  constructor(options: SummaryOptions) {
    this.#options = options
    this.#origins = new OriginTally(options.site)
  }

  addWorkload(workload: FoundWorkload, images: readonly JudgedImage[]): void {
    const { site, nowMs, maxAgeMs } = this.#options
    for (const finding of findingsIn(workload, images, { owner: site.owner, nowMs }))
      this.#findings.add(finding, () => subjectOf(finding.where, workload))
    for (const { oddities } of workload.parts) this.#addUnseenFolders(oddities)
    for (const { verdict, image } of images) {
      this.#origins.add(verdict)
      if (verdict.digest !== undefined) {
        this.#content.read++
        if (image?.row?.digest !== undefined || verdict.readBefore !== undefined) this.#content.compared++
      }
      if (image === undefined || image.image.problem?.kind === 'unreadable') continue
      const owner = `${image.image.uid}:${image.image.gid}`
      const { images: known = 0, example = image.path } = this.#owners.get(owner) ?? {}
      this.#owners.set(owner, { images: known + 1, example })
    }
    const snapshots = snapshotVerdicts(workload, images)
    const verdicts = images.map(({ verdict }) => verdict)
    const restores = restoresIn(verdicts, snapshots)
    this.#blockers.addWorkload(restores)
    const missing = missingImages(verdicts)
    for (const { defect } of restores) if (defect) this.#findings.addRestore(rootCauseOf(defect, missing).code)
    this.#rows.push(workloadRow(workload, verdicts, snapshots, { nowMs, maxAgeMs }))
  }

  /** @param workload that it is about */
  addFinding(finding: TargetFinding, workload?: FoundWorkload): void {
    this.#findings.add(finding, () => (workload === undefined ? {} : subjectOf(finding.where, workload)))
  }

  addSkipped(): void {
    this.#skipped++
  }

  /** Adds unreadable records outside of workloads. */
  addProblems(problems: readonly RecordProblem[]): void {
    for (const problem of problems) this.#findings.add(ofProblem(problem))
  }

  addOddities(oddities: readonly Oddity[]): void {
    for (const oddity of oddities) this.#findings.add(ofOddity(oddity))
    this.#addUnseenFolders(oddities)
  }

  #addUnseenFolders(oddities: readonly Oddity[]): void {
    for (const { kind, path, message } of unseenIn(oddities))
      this.#unseen.push(
        kind === 'symbolic-link' ? `${path} is a symbolic link, which was not followed` : `${path}: ${message ?? kind}`,
      )
  }

  /** Adds something that could not be read, which makes the assessment incomplete. */
  addUnseen(where: string, message: string): void {
    this.#unseen.push(`${where}: ${message}`)
    this.#findings.add({ code: 'not-answering', where, message })
  }

  finish(): AssessmentSummary {
    const { targets, site, depth, maxAgeMs, secretIds } = this.#options
    const states = { ...noStates }
    const workloadStates = { ...noStates }
    for (const { state } of this.#rows) workloadStates[state]++
    for (const row of this.#rows)
      for (const [state, count] of Object.entries(row.states)) states[state as State] += count
    const disks = Object.values(states).reduce((total, count) => total + count, 0)
    for (const finding of this.#last(disks)) this.#findings.add(finding)
    const sum = (value: (row: WorkloadRow) => number) => this.#rows.reduce((total, row) => total + value(row), 0)
    const needOriginPath = sum((row) => row.needOriginPath)
    const totals = {
      workloads: this.#rows.length,
      snapshots: sum((row) => row.snapshots),
      images: sum((row) => row.images),
      fileBytes: sum((row) => row.fileBytes),
      disks,
      states,
      workloadStates,
      skipped: this.#skipped,
      stale: this.#stale(true),
      needOriginPath,
      content: this.#content,
    }
    return {
      targets,
      ...(site.paths && { pathsOnSite: site.paths }),
      site: site.name,
      depth,
      date: new Date(this.#options.nowMs).toISOString(),
      ...(maxAgeMs !== undefined && { maxAgeMs }),
      totals,
      workloads: this.#rows.toSorted(worstFirst),
      originPaths: this.#origins.list(),
      blockers: this.#blockers.list(maxBlockers),
      findings: this.#findings.list(),
      secrets: secretNeeds(this.#rows, secretIds),
      owners: this.#byOwner().map(([owner, { images }]) => ({ owner, images })),
      unseen: this.#unseen,
      exitCode: this.#exitCode(states, needOriginPath),
    }
  }

  /** The owner of most images first. */
  #byOwner() {
    return [...this.#owners].toSorted(([, a], [, b]) => b.images - a.images)
  }

  /** Findings that depend on all workloads. */
  *#last(disks: number): Generator<TargetFinding> {
    yield* this.#origins.findings()
    const { site, targets } = this.#options
    for (const [path, shown] of site.mountPaths)
      if (shown.length > 1) {
        const message = `${site.name} would mount ${shown.length} shares there`
        yield { code: 'two-shares-on-one-mount-path', where: path, message }
      }
    for (const { path, why } of site.doubts ?? []) yield { code: 'encodings-differ', where: path, message: why }
    if (this.#owners.size > 1) {
      const [[most = '?', { images = 0 } = {}] = [], ...others] = this.#byOwner()
      const list = [
        `${most} (${images})`,
        ...others.map(([owner, one]) => `${owner} (${one.images}, e.g. ${one.example})`),
      ]
      yield { code: 'several-owners', where: targets.join(', '), message: `images are owned by ${list.join(', ')}` }
    }
    const what = this.#rows.length === 0 ? 'workload' : 'disk to restore'
    if (disks === 0) yield { code: 'nothing-found', where: targets.join(', '), message: `no ${what} was found` }
  }

  /** Counts workloads without a snapshot that is new enough (`true`), or without one of known age (`undefined`). */
  #stale(which: true | undefined): number {
    const { maxAgeMs } = this.#options
    return maxAgeMs === undefined ? 0 : this.#rows.filter((row) => row.isStale === which).length
  }

  /** A failure stays a failure, whatever else is unknown. */
  #exitCode(states: StateCounts, needOriginPath: number): 0 | 1 | 3 {
    const { failOn } = this.#options
    if (failOn.includes('broken') && states.broken > 0) return 1
    if (failOn.includes('needs-recovery') && needOriginPath > 0) return 1
    if (failOn.includes('needs-secret') && states['with-secret'] > 0) return 1
    if (failOn.includes('stale') && this.#stale(true) > 0) return 1
    if (states.unknown > 0 || this.#unseen.length > 0) return 3
    if (failOn.includes('stale') && this.#stale(undefined) > 0) return 3
    return [...undeterminedCodes].some((code) => this.#findings.has(code)) ? 3 : 0
  }
}
