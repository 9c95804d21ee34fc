import type { Shell } from '../../shell/shell.ts'
import type { ActionContext } from './action-kind.ts'
import { type Action, allKinds, kindOf } from './kinds.ts'

/** Why an action cannot be done as things are. */
export interface RefusedAction {
  readonly action: Action
  /** What cannot be done, and why. */
  readonly why: string
}

/**
 * Tries whether actions can be done on a node, as far as that changes nothing, and returns those that cannot.
 * @throws ShellError if the node does not answer, CommandError if a command fails there
 */
export async function checkActions(
  shell: Shell,
  actions: readonly Action[],
  context: ActionContext = {},
): Promise<readonly RefusedAction[]> {
  const refused = new Map<Action, string>()
  for (const { check } of allKinds) {
    const mine = actions.filter((action) => kindOf(action).check === check)
    if (mine.length === 0) continue
    for (const [index, why] of (await check(shell, mine, context)).entries()) {
      const action = mine[index]
      if (action !== undefined && why !== undefined) refused.set(action, why)
    }
  }
  return actions.flatMap((action) => {
    const why = refused.get(action)
    return why === undefined ? [] : [{ action, why: `cannot ${kindOf(action).sentence(action)}: ${why}` }]
  })
}
