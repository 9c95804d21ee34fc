import { DrillError } from '../../errors.ts'
import type { Shell } from '../../shell/shell.ts'
import type { ActionContext } from './action-kind.ts'
import { type Action, type AppliedAction, kindOf } from './kinds.ts'

/** An action that cannot be done as things are on the node. It changed nothing. */
export class RefusalError extends DrillError {
  readonly where: string
  readonly why: string

  constructor(where: string, action: Action, why: string) {
    super('failure', 'refused', `${where}: cannot ${kindOf(action).sentence(action)}: ${why}`)
    this.name = 'RefusalError'
    this.where = where
    this.why = why
  }
}

/**
 * Carries actions out on a node, one after another. `onAction` receives each one before it begins, with what existed, so
 * that it can be undone whatever happens then, and again when it is done.
 *
 * @throws RefusalError, CommandError: the actions before it are done, the ones after it are not
 */
export async function apply(
  shell: Shell,
  actions: readonly Action[],
  onAction: (applied: AppliedAction, state: 'begun' | 'done') => void,
  context: ActionContext = {},
): Promise<void> {
  for (const action of actions) {
    const kind = kindOf(action)
    const { before, refusal } = await kind.look(shell, action)
    if (refusal !== undefined) throw new RefusalError(shell.where, action, refusal)
    const applied = { where: shell.where, action, before, inverse: kind.inverse(action, before) }
    onAction(applied, 'begun')
    const refusedAfterAll = await kind.carryOut(shell, action, before, context)
    if (refusedAfterAll !== undefined) throw new RefusalError(shell.where, action, refusedAfterAll)
    onAction(applied, 'done')
  }
}
