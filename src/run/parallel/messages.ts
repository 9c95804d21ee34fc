import type { Blame } from '../../errors.ts'
import type { JournalEntry } from '../../journal/journal.ts'
import type { Objectives } from '../../verdict/claim/objectives.ts'

/** A command from the process that the user started to one of its workers. */
export type Command =
  | {
      readonly kind: 'begin'
      /** The run's id, and the worker's number in it. */
      readonly run: string
      readonly worker: number
      /** The worker's own folder, for its journal and boot logs. */
      readonly directory: string
      readonly failFast: boolean
      readonly objectives: Objectives
      /** Undefined for drills without labs. */
      readonly engine?: string
    }
  /** Drill these scenarios: `features/a.feature:12:20`. */
  | { readonly kind: 'drill'; readonly paths: readonly string[] }
  /** Finish the drill that is running, and start no other. */
  | { readonly kind: 'stop'; readonly why: string }
  /** Interrupt the drill that is running, clean up and exit. */
  | { readonly kind: 'abort'; readonly code: string; readonly blame: Blame; readonly message: string }
  /** Exit: no work is left. */
  | { readonly kind: 'end' }

/** A message from a worker to the process that started it. */
export type WorkerMessage =
  /** The worker is idle. */
  | { readonly kind: 'ready' }
  /** A new entry of the worker's journal. */
  | { readonly kind: 'entry'; readonly entry: JournalEntry }

/** Environment variable that marks a process as a worker. */
export const workerVariable = 'DR_DRILL_WORKER'
