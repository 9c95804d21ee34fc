import type { ImageRecord } from '../backup/catalog.ts'
import type { Blame } from '../errors.ts'
import type { Reason } from '../reason/reason.ts'
import type { RedactionCounts } from '../text/redact.ts'

export const phases = [
  'provision',
  'back up',
  'baseline',
  'disaster',
  'recover',
  'hand over',
  'restore',
  'tear down',
] as const
export type Phase = (typeof phases)[number]

/** One attempt to restore one image: the appliance reads its size, a compute reads its data. */
export interface RestoreRecord {
  /** Unique in its drill: `r1`, `r2` … */
  readonly id: string
  readonly image: ImageRecord
  readonly site: string
  /** The compute that read the data. */
  readonly node: string
  /** The appliance that read the size. */
  readonly sizedOn: string
  /** The user who asked the workload manager for it. Undefined if the drill itself restored. */
  readonly askedBy?: string
  readonly outcome: 'restored' | 'failed'
  /** Content digest of the data. Undefined if the restore failed before. */
  readonly digest?: string
  /** True if `qemu-img` exited with 0 for both parts. It proves nothing, but people trust it. */
  readonly toolSucceeded: boolean
  readonly reason?: Reason
  /** The time of its own commands, as the nodes measured it. */
  readonly durationMs: number
}

/** One judgment with its evidence. */
export interface Finding {
  readonly verdict: 'pass' | 'fail' | 'unknown'
  /** The claim, e.g. `the restore has the content that was backed up`. */
  readonly question: string
  /** What was found, for a person. */
  readonly sentence: string
  /** `seq` of the journal entries that prove it. */
  readonly evidence: readonly number[]
}

/** The lab that a background was taken over from, and the scenario that executed it. */
export interface BackgroundOrigin {
  readonly name: string
  /** File and line of that scenario. */
  readonly location: string
  readonly lab: string
  /** ISO 8601, UTC. */
  readonly savedAt: string
}

/** The user, host and tools of a run. Its command line and version are in `run-started`. */
export interface RunEnvironment {
  readonly user: string
  readonly host: string
  /** Name and release of the operating system. */
  readonly system: string
  /** The version of Node.js. */
  readonly node: string
  /** Undefined for drills without labs. */
  readonly engine?: string
  /** The version that the engine reports. */
  readonly engineVersion?: string
  /** The image that every machine of a lab boots from. */
  readonly guestImage?: string
  /** The job of a CI system that made the run. */
  readonly ciJob?: string
  /** The commit of the features in git. Undefined outside a work tree. */
  readonly features?: { readonly commit: string; readonly isDirty: boolean }
  /** SHA-256 of the project's own steps, and of what they import, by path. Undefined in journals of older versions. */
  readonly code?: Readonly<Record<string, string>>
  /** Age at which a verdict expires. Null if none is configured. Undefined in journals of older versions. */
  readonly maxVerdictAgeMs?: number | null
}

/** The part of a run that one machine executes. */
export interface ShardRecord {
  /** From 1 to `count`. */
  readonly number: number
  readonly count: number
  /** Locations of the scenarios of all shards. */
  readonly selected: readonly string[]
  /** Locations of the scenarios of this one. */
  readonly own: readonly string[]
}

export interface MergedShard {
  readonly run: string
  readonly number: number
}

/** How a drill ended. `unknown` is a drill that could not be judged. `not run` always has a reason. */
export type Outcome = 'passed' | 'failed' | 'unknown' | 'not run'

export const exerciseEvents = [
  'began',
  'ended',
  'paused',
  'resumed',
  'inject',
  'message',
  'hint',
  'objective',
  'verified',
  'reported',
  'session began',
  'session ended',
  'command',
  'node restarted',
  'recording lost',
  'problem',
] as const
export type ExerciseEvent = (typeof exerciseEvents)[number]

export const exerciseEnds = ['done', 'objectives met', 'time', 'called off'] as const
export type ExerciseEnd = (typeof exerciseEnds)[number]

export const objectiveStates = ['holds', 'does not hold', 'unknown'] as const
export type ObjectiveState = (typeof objectiveStates)[number]

/** A part of an objective, as a look found it. */
export interface ClaimRecord {
  /** A node, or the name of a question. */
  readonly about: string
  readonly state: ObjectiveState
}

/** The script of an exercise, as it was read for the run. */
export interface ScriptRecord {
  /** The name of the file, without folders. */
  readonly file: string
  readonly yaml: string
}

/** Something that happened in an exercise. Each event has some of the fields. */
export interface ExerciseRecord {
  readonly event: ExerciseEvent
  /** Milliseconds on the clock of the exercise, which stops during pauses, and which hints move forward. */
  readonly clockMs: number
  readonly person?: string
  /** `recovery/compute-1` */
  readonly node?: string
  /** The objective, the inject, or the file of a recording. */
  readonly subject?: string
  /** The command, the hint, the reason, or the sender and subject of a message. */
  readonly text?: string
  /** The text of a message. */
  readonly body?: string
  /** What was piped into a command, and the end of its output. */
  readonly input?: string
  readonly output?: string
  readonly exitCode?: number | null
  readonly state?: ObjectiveState
  /** The number of nodes, or of claims, for which the objective holds. */
  readonly holding?: number
  /** What the objective claims of each node, or of the records. Undefined in the oldest journals. */
  readonly claims?: readonly ClaimRecord[]
  readonly priceMs?: number
  /** SHA-256 of the recording of a session that has ended. Undefined for an incomplete one, and in the oldest journals. */
  readonly digest?: string
  readonly end?: ExerciseEnd
  /** Of its beginning. Undefined without a limit. */
  readonly limitMs?: number
  readonly people?: readonly string[]
  /** Its name in `exercise list`. This and the next fields are undefined in the oldest journals. */
  readonly exercise?: string
  /** Undefined for a team without a name. */
  readonly team?: string
  readonly script?: ScriptRecord
  readonly objectives?: readonly {
    readonly name: string
    readonly withinMs?: number
    /** False for an objective that only later steps of the scenario judge. */
    readonly isJudgedLive: boolean
  }[]
  /** What the facilitator looks at. */
  readonly lookAt?: readonly string[]
}

/** One event of a run. Reports are made from these and nothing else. */
export type JournalEvent =
  | {
      readonly kind: 'run-started'
      readonly run: string
      /** Of dr-drill. */
      readonly version: string
      readonly argv: readonly string[]
      /** Version of the format of the journal. Undefined in the oldest journals, which have version 1. */
      readonly format?: number
      /** Undefined for a run that is not a part of another. */
      readonly shard?: ShardRecord
      /** The shards that were merged into this run. Undefined for a run that was not merged. */
      readonly mergedFrom?: readonly MergedShard[]
    }
  | { readonly kind: 'environment'; readonly environment: RunEnvironment }
  | { readonly kind: 'run-ended'; readonly exitCode: number }
  | {
      readonly kind: 'drill-started'
      readonly name: string
      readonly feature: string
      /** File and line of the scenario, `features/…/name.feature:12`. `dr-drill run` takes it. */
      readonly location: string
      /** From 2, because earlier attempts could not be judged. Undefined for the first one. */
      readonly attempt?: number
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
      /** The restore that the command is part of. Undefined for other commands. */
      readonly restoreId?: string
      readonly user?: { readonly uid: number; readonly gid: number }
      readonly mountNamespace?: string
      /** Start of a command in a batch, by the clock of `where`. Undefined for a command that ended at `at`. */
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
      /** The share as configured at the site that wrote the image. */
      readonly share: string
      readonly originPath: string
      readonly site: string
      /** The beginning of its snapshot, ISO 8601, UTC. Undefined in journals of older versions. */
      readonly takenAt?: string
    }
  | {
      readonly kind: 'fault'
      readonly fault: string
      readonly subject: string
      readonly proof: unknown
      /** ISO 8601, UTC. Undefined in journals of older versions. */
      readonly injectedAt?: string
    }
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
  | ({ readonly kind: 'exercise' } & ExerciseRecord)
  /** The background of the drill was not executed: its outcome was taken over from a saved lab. */
  | { readonly kind: 'background-taken-over'; readonly origin: BackgroundOrigin }
  | { readonly kind: 'envelope'; readonly envelope: object }

/** One line of `journal.ndjson`. */
export type JournalEntry = JournalEvent & {
  /** 1, 2, 3 … without gaps within a journal. */
  readonly seq: number
  /** ISO 8601, UTC. */
  readonly at: string
  /** The drill (one execution of a scenario) that the entry belongs to. Undefined for entries of the run itself. */
  readonly drill?: string
  /**
   * The step of the drill that wrote it: `s1`, `s2` … All that one step records is a series, and claims judge a series as a
   * whole. Undefined if no step wrote it.
   */
  readonly series?: string
  /** How many secrets were replaced when the entry was recorded, by kind. Undefined if it had none. */
  readonly redacted?: RedactionCounts
}

/** An event, and its series if it was recorded earlier, by the same step of another drill. */
export type AppendedEvent = JournalEvent & { readonly series?: string }

/** An append-only list of entries. */
export interface Journal {
  /** Appends an event, and returns it as an entry. The journal of a drill (`scoped`) sets `drill` itself. */
  append(event: AppendedEvent, drill?: string): JournalEntry
  /** Returns all entries so far, or those of one drill. */
  entries(drill?: string): readonly JournalEntry[]
}

/** A journal that also takes the entries of workers' journals. */
export interface MergedJournal extends Journal {
  /** Appends an entry of a worker's journal. It keeps its time and drill, and gets the next `seq` of this journal. */
  adopt(entry: JournalEntry, worker: number): JournalEntry
}

/** Judges the journal so far. Pure: the same journal gives the same finding. */
export type Judge = (journal: Iterable<JournalEntry>) => Finding
