import type { Blame } from '../../errors.ts'
import type { JournalEntry } from '../../journal/journal.ts'
import type { Objectives } from '../../verdict/claim/objectives.ts'

/** What the process that the user started tells its workers. */
export type Order =
  | {
      readonly kind: 'begin'
      /** The run's id, and the worker's number in it. */
      readonly run: string
      readonly worker: number
      /** Of the worker's own: its journal, its boot logs. */
      readonly directory: string
      readonly failFast: boolean
      readonly objectives: Objectives
      /** None for drills without labs. */
      readonly engine?: string
    }
  /** To drill these: `features/a.feature:12:20`. */
  | { readonly kind: 'drill'; readonly paths: readonly string[] }
  /** To start no other drill. */
  | { readonly kind: 'stop'; readonly why: string }
  /** To end the drill that is under way, clean up and end. */
  | { readonly kind: 'abort'; readonly code: string; readonly blame: Blame; readonly message: string }
  /** There is nothing more to do. */
  | { readonly kind: 'end' }

/** What a worker tells. */
export type Word =
  /** It could take work. */
  | { readonly kind: 'ready' }
  /** What it has written into its journal. */
  | { readonly kind: 'entry'; readonly entry: JournalEntry }

/** Set for a process that is a worker. */
export const workerVariable = 'DR_DRILL_WORKER'
