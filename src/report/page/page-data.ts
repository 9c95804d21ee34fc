// The data that a page holds. The page in `page/` shows it; the writers beside this file derive it from a journal.
import type { Finding, JournalEntry, Outcome, Phase } from '../../journal/journal.ts'
import type { ScopeFact } from '../run-scope.ts'

/** The first screen. It is in the page as plain JSON, and small whatever the run did. */
export interface PageSummary {
  readonly run: string
  readonly version: string
  readonly verdict: RunVerdict
  /** One sentence that explains the verdict. */
  readonly headline: string
  /** Where the journal ends before the run did. Undefined for a complete journal. */
  readonly cut?: string
  readonly startedAt: string
  readonly durationMs: number
  readonly counts: Readonly<Record<Outcome, number>>
  readonly drillCount: number
  /** Failed and unknown drills, in this order. */
  readonly problems: ShortList<DrillProblem>
  readonly notRun: ShortList<DrillProblem>
  /** Objectives that drills were held against. Empty without objectives. */
  readonly objectives: ShortList<ShownObjective>
  /** The limits of what the run proves. */
  readonly limits: readonly RunLimit[]
  readonly ciJob?: string
  readonly who?: string
  readonly where?: string
  readonly environment: readonly EnvironmentFact[]
  /** The systems, backups and restores of all drills together. */
  readonly scope: readonly ScopeFact[]
  /** When the drills must be repeated: one sentence or two. */
  readonly nextDrill: string
  /** Judgments, errors and notes of the run itself. */
  readonly findings: ShortList<Finding>
  readonly errors: ShortList<string>
  readonly notes: ShortList<string>
}

/** `incomplete`: nothing failed, but not everything was judged. */
export type RunVerdict = 'passed' | 'failed' | 'incomplete'

/** The beginning of a list, and how many more it has. */
export interface ShortList<Item> {
  readonly items: readonly Item[]
  readonly more: number
}

export interface DrillProblem {
  readonly drill: string
  readonly name: string
  readonly location: string
  readonly outcome: Outcome
  /** One sentence. */
  readonly why: string
}

/** An objective against what a drill measured. */
export interface ShownObjective {
  readonly drill: string
  readonly name: string
  readonly objective: string
  readonly measured: string
  /** The points of time that the clock ran between. Undefined if it was not measured. */
  readonly clock?: readonly [from: string, to: string]
  readonly verdict: Finding['verdict']
}

export interface RunLimit {
  readonly kind:
    | 'cut'
    | 'lab'
    | 'product'
    | 'phases'
    | 'nodes'
    | 'snapshots'
    | 'backgrounds'
    | 'unknown'
    | 'not run'
    | 'clean-up'
  readonly text: string
  /** Ids of the drills that it is about. */
  readonly drills: ShortList<string>
}

export interface EnvironmentFact {
  readonly name: string
  readonly value: string
  /** True if the value is a URL that may be opened. */
  readonly isLink?: true
}

/** The second block: all drills, in the order of the run. */
export interface PageIndex {
  readonly drills: readonly DrillRow[]
}

/** One drill in lists. */
export interface DrillRow {
  /** The name of its block. For a scenario that never started, there is no block. */
  readonly id: string
  readonly hasDetails: boolean
  readonly name: string
  readonly feature: string
  readonly location: string
  readonly outcome: Outcome
  readonly why?: string
  readonly startedAt: string
  readonly durationMs: number
  readonly tags: readonly string[]
  /** Nodes that commands, restores and observations name. */
  readonly nodes: readonly string[]
  /** 1, 2 … and how often the scenario was started in this run. */
  readonly attempt: number
  readonly attempts: number
  /** True if it could not be judged, and was tried again. */
  readonly isRetried?: true
  /** The texts of its steps, for the search. */
  readonly steps: readonly string[]
  readonly phases: readonly { readonly phase: Phase; readonly durationMs: number }[]
  readonly faults: readonly string[]
  readonly findings: Readonly<Record<Finding['verdict'], number>>
}

/** The block of one drill. */
export interface PageDrill {
  readonly id: string
  readonly featureDescription: string
  readonly description: string
  readonly rule?: string
  /** Discloses a background that was not executed. */
  readonly background?: string
  readonly steps: readonly PageStep[]
  readonly entries: readonly JournalEntry[]
}

export type StepStatus = 'passed' | 'failed' | 'skipped' | 'not reached'

/** A step with what it recorded. */
export interface PageStep {
  readonly keyword: string
  readonly text: string
  readonly isBackground: boolean
  readonly line?: number
  readonly status: StepStatus
  readonly durationMs: number
  readonly message?: string
  readonly table?: readonly (readonly string[])[]
  readonly docString?: string
  readonly attachments: readonly PageAttachment[]
  /** `seq` of the entries that it wrote. */
  readonly entries: readonly number[]
}

/** An attachment, named by the digest of its content. */
export interface PageAttachment {
  readonly mediaType: string
  readonly fileName?: string
  readonly digest: string
  readonly sizeBytes: number
  /** Undefined if it is too large for the page. */
  readonly text?: string
  /** Base64. For content that is not text. */
  readonly base64?: string
}

/** The last element of a page. A page without it was cut. */
export interface PageEnd {
  readonly sizeBytes: number
  readonly warning?: string
}
