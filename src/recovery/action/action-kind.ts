import type { Shell } from '../../shell/shell.ts'
import type { ScriptLines } from './script-lines.ts'

/** Values that actions may need besides their data. */
export interface ActionContext {
  /** Payloads of the secrets of encrypted images, by id. They are in no plan and no record. */
  readonly secrets?: ReadonlyMap<string, Uint8Array>
  /** How many images are changed at the same time. 4 by default. */
  readonly concurrency?: number
  readonly signal?: AbortSignal
  /** Receives a line now and then while an action takes long. */
  readonly onProgress?: (line: string) => void
}

/** How actions are undone. */
export interface UndoContext extends ActionContext {
  /** True if nothing is changed: the outcomes are those that undoing would have. */
  readonly isPreview: boolean
}

/** The result of a look at a node before an action. */
export type Sight<Before> =
  | { readonly before: Before; readonly refusal?: never }
  /** Why the action cannot be done as things are. */
  | { readonly refusal: string; readonly before?: never }

/** The inverse of an action that changed nothing. */
export interface NothingToUndo {
  readonly kind: 'nothing'
}

/** An action as it was carried out on a node: what existed before, and how it is undone. */
export interface Applied<Action, Before, Inverse> {
  readonly where: string
  readonly action: Action
  readonly before: Before
  readonly inverse: Inverse | NothingToUndo
}

/** The result of undoing an action, or of a preview of that. */
export interface UndoOutcome<Action> {
  /** `already gone`: nothing of the action is left. `kept`: something prevents undoing it. */
  readonly state: 'undone' | 'already gone' | 'kept'
  /** Why something is kept. */
  readonly why?: string
  /** Information for a person, although nothing is kept. */
  readonly note?: string
  /** The observation that undoing it has harmed nothing. Undefined for actions that need none. */
  readonly proof?: string
  /** How many changes are undone. Undefined for an action that is one change. */
  readonly count?: number
  /** The part of the action that is kept. Undefined if all of it is. */
  readonly left?: Action
}

/**
 * One kind of change to a node, as data: it can be printed, saved, turned into a script, applied and undone. A kind is
 * one file that implements this, and a line in `kinds.ts`.
 */
export interface ActionKind<Action, Before, Inverse> {
  /** The effect of an action, as an imperative phrase. */
  sentence(action: Action): string
  /** How it is done: commands to paste, or the lines of a file. */
  details(action: Action, node: { readonly isSystemd: boolean }): readonly string[]
  /** Lines of a script that do it, and refuse what `look` refuses. */
  script(action: Action): ScriptLines
  /** The changes that an action is made of, an action each. */
  parts(action: Action): readonly Action[]
  /** Tries whether actions can be done. Kinds that have the same function are checked in one go. */
  readonly check: Check<Action>
  /** Reads what the action is about to change. Changes nothing. */
  look(shell: Shell, action: Action): Promise<Sight<Before>>
  /** Returns why the action was refused after all. Undefined if it is done. */
  carryOut(shell: Shell, action: Action, before: Before, context: ActionContext): Promise<string | undefined>
  /** True if everything was as the action wants it. */
  wasDone(before: Before): boolean
  inverse(action: Action, before: Before): Inverse | NothingToUndo
  /** The effect of undoing it, as an imperative phrase. */
  undoSentence(applied: Applied<Action, Before, Inverse>, outcome: UndoOutcome<Action>): string
  /** How it is undone: commands to paste, or an example. */
  undoDetails(applied: Applied<Action, Before, Inverse>): readonly string[]
  /**
   * Undoes applied actions, the last first. Kinds that have the same function are undone in one go. What was begun need
   * not have been done: undoing what does not exist changes nothing.
   * @returns an outcome for each, in the same order
   */
  readonly undo: Undo<Action, Before, Inverse>
}

/** Returns for each action why it cannot be done as things are, tried as far as that changes nothing. */
export type Check<Action> = (
  shell: Shell,
  actions: readonly Action[],
  context: ActionContext,
) => Promise<readonly (string | undefined)[]>

export type Undo<Action, Before, Inverse> = (
  shell: Shell,
  applied: readonly Applied<Action, Before, Inverse>[],
  context: UndoContext,
) => Promise<readonly UndoOutcome<Action>[]>
