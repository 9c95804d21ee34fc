import type { ImageRecord } from '../backup/catalog.ts'
import type { Blame } from '../errors.ts'
import type { Reason } from '../reason/reason.ts'

export const phases = ['provision', 'back up', 'baseline', 'disaster', 'recover', 'restore', 'tear down'] as const
export type Phase = (typeof phases)[number]

/** One attempt to restore one image: sized on the appliance, read out on a compute. */
export interface RestoreRecord {
  /** Unique in its drill: `r1`, `r2` … */
  readonly id: string
  readonly image: ImageRecord
  readonly site: string
  /** The compute that read it out. */
  readonly node: string
  /** The appliance that sized it. */
  readonly sizedOn: string
  readonly outcome: 'restored' | 'failed'
  /** Content digest of what was read out; absent when it failed before. */
  readonly digest?: string
  /** Whether `qemu-img` itself exited with 0 for both parts. Proves nothing; shown because people trust it. */
  readonly toolSucceeded: boolean
  readonly reason?: Reason
  /** Of its own commands, sizing and reading, as the nodes measured them. */
  readonly durationMs: number
}

/** One judgement with its evidence. */
export interface Finding {
  readonly verdict: 'pass' | 'fail' | 'unknown'
  /** The question, e.g. `the restore has the content that was backed up`. */
  readonly question: string
  /** What was found, for a person. */
  readonly sentence: string
  /** `seq` of the journal entries that it rests on. */
  readonly evidence: readonly number[]
}

/** How a drill ended. `unknown`: it could not be judged; `not run`: always with a reason. */
export type Outcome = 'passed' | 'failed' | 'unknown' | 'not run'

/** What happened. Each kind is one thing; a report needs nothing but these. */
export type JournalEvent =
  | { readonly kind: 'run-started'; readonly run: string; readonly version: string; readonly argv: readonly string[] }
  | { readonly kind: 'run-ended'; readonly exitCode: number }
  | {
      readonly kind: 'drill-started'
      readonly name: string
      readonly feature: string
      /** Where the scenario is written, `features/…/name.feature:12`: what runs it again. */
      readonly location: string
    }
  | {
      readonly kind: 'drill-ended'
      readonly outcome: Outcome
      readonly why?: string
    }
  | { readonly kind: 'phase-started'; readonly phase: Phase }
  | { readonly kind: 'phase-ended'; readonly phase: Phase; readonly durationMs: number }
  | {
      readonly kind: 'command'
      readonly where: string
      readonly command: string
      /** The restore that it is a part of. Undefined if it is not part of one. */
      readonly restoreId?: string
      readonly user?: { readonly uid: number; readonly gid: number }
      readonly mountNamespace?: string
      /** Of a command in a batch, by the clock of `where`. Undefined if it ended at `at`. */
      readonly startedAt?: string
      readonly ended: string
      readonly exitCode: number | null
      readonly stdout: string
      readonly stderr: string
      readonly durationMs: number
    }
  | { readonly kind: 'observation'; readonly subject: string; readonly where: string; readonly facts: unknown }
  | {
      readonly kind: 'backup'
      readonly image: ImageRecord
      /** As configured at the site that wrote it. */
      readonly share: string
      readonly originPath: string
      readonly site: string
    }
  | { readonly kind: 'fault'; readonly fault: string; readonly subject: string; readonly proof: unknown }
  | { readonly kind: 'action'; readonly where: string; readonly action: unknown; readonly outcome: 'begun' | 'done' }
  | { readonly kind: 'restore'; readonly restore: RestoreRecord; readonly evidence: unknown }
  | { readonly kind: 'expectation'; readonly question: string; readonly expected: unknown }
  | { readonly kind: 'finding'; readonly finding: Finding }
  | {
      readonly kind: 'error'
      readonly code: string
      readonly message: string
      readonly blame: Blame
      readonly remedy?: string
    }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'envelope'; readonly envelope: object }

/** One line of `journal.ndjson`. */
export type JournalEntry = JournalEvent & {
  /** 1, 2, 3 … without gaps within a journal. */
  readonly seq: number
  /** ISO 8601, UTC. */
  readonly at: string
  /** The drill (one execution of a scenario) that it belongs to, if any. */
  readonly drill?: string
  /**
   * The step of the drill that wrote it: `s1`, `s2` … All that one step records is a series, and claims judge a series as a
   * whole. Undefined if no step wrote it.
   */
  readonly series?: string
}

/** An event, and its series if it was recorded earlier, by the same step of another drill. */
export type AppendedEvent = JournalEvent & { readonly series?: string }

/** Append-only. */
export interface Journal {
  /** `drill` is stamped by the view of a drill's own (`scoped`); who holds such a view leaves it out. */
  append(event: AppendedEvent, drill?: string): JournalEntry
  /** All entries so far, or those of one drill. */
  entries(drill?: string): readonly JournalEntry[]
}

/** A journal that also takes what stands in the journals of workers. */
export interface MergedJournal extends Journal {
  /** Takes an entry of a worker's journal: it keeps its time and drill, and gets the next `seq` here. */
  adopt(entry: JournalEntry, worker: number): JournalEntry
}

/** Pure: the journal so far in, one finding out. One that throws yields `unknown`, never `pass`. */
export type Judge = (journal: Iterable<JournalEntry>) => Finding
