import { DrillError } from '../../errors.ts'
import type { Shell } from '../../shell/shell.ts'
import type { UndoContext } from './action-kind.ts'
import { type ActionUndoOutcome, type AppliedAction, allKinds, kindOf } from './kinds.ts'

/** An applied action, and the result of undoing it, or of a preview of that. */
export interface UndoneAction extends ActionUndoOutcome {
  readonly applied: AppliedAction
}

/** An action cannot be undone as things are on the node. */
class KeptError extends DrillError {
  constructor(where: string, why: string) {
    super('failure', 'kept', `${where}: ${why}`)
    this.name = 'KeptError'
  }
}

/**
 * Undoes actions, the last first. One that cannot be undone does not keep the others from it.
 * @throws KeptError for the first that could not be undone
 */
export async function undoActions(shell: Shell, applied: readonly AppliedAction[]): Promise<void> {
  const outcomes = await undoEachAction(shell, applied, { isPreview: false })
  const first = outcomes.find(({ state }) => state === 'kept')
  if (first !== undefined) throw new KeptError(shell.where, first.why ?? 'it is kept')
}

/**
 * Undoes actions and returns an outcome for each, the last action first. A preview changes nothing, and does not see which
 * processes use a mount.
 * @throws ShellError if the node does not answer, CommandError if a command fails there
 */
export async function undoEachAction(
  shell: Shell,
  applied: readonly AppliedAction[],
  context: UndoContext,
): Promise<readonly UndoneAction[]> {
  const lastFirst = applied.toReversed()
  const outcomes = new Map<AppliedAction, ActionUndoOutcome>()
  const inOneGo = Map.groupBy(lastFirst, ({ action }) => kindOf(action).undo)
  for (const undo of [...new Set(allKinds.map((kind) => kind.undo))].reverse()) {
    const members = inOneGo.get(undo) ?? []
    if (members.length === 0) continue
    const results = await undo(shell, members, context)
    for (const [index, one] of members.entries())
      outcomes.set(one, results[index] ?? { state: 'kept', why: 'the node returned no outcome for it' })
  }
  return lastFirst.map((one) => ({ applied: one, ...(outcomes.get(one) ?? { state: 'kept' }) }))
}
