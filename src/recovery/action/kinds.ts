import type { ActionKind, Applied, NothingToUndo, UndoOutcome } from './action-kind.ts'
import { bind } from './bind.ts'
import { makeDirectory } from './make-directory.ts'
import { persist } from './persist.ts'
import { renameParents } from './rename-parents.ts'

/** The kinds of changes to a node. They are undone in the reverse of this order. */
const kinds = {
  'make-directory': makeDirectory,
  bind,
  persist,
  'rename-parents': renameParents,
} as const

type Kinds = (typeof kinds)[keyof typeof kinds]
type PartsOf<Kind> = Kind extends ActionKind<infer A, infer B, infer I> ? [action: A, before: B, inverse: I] : never

/** One change to one node, as data. */
export type Action = PartsOf<Kinds>[0]

/** The state before an action, as far as undoing it needs it. */
export type StateBefore = PartsOf<Kinds>[1]

/** How an action is undone, as data. */
export type Inverse = PartsOf<Kinds>[2] | NothingToUndo

export type AppliedAction = Applied<Action, StateBefore, Inverse>

export type ActionUndoOutcome = UndoOutcome<Action>

type AnyKind = ActionKind<Action, StateBefore, Inverse>

/** The implementation of an action's kind. The table guarantees that it takes the action. */
export function kindOf({ kind }: Action): AnyKind {
  return kinds[kind] as unknown as AnyKind
}

export const allKinds = Object.values(kinds) as unknown as readonly AnyKind[]
