// The menu of recovery strategies, the preferred one first. A new one is a file and a line here.
import { InputError } from '../../errors.ts'
import { bindMount } from './bind-mount/bind-mount.ts'
import { rebase } from './rebase/rebase.ts'
import type { Strategy } from './strategy.ts'

export const strategies: readonly [Strategy, ...Strategy[]] = [bindMount, rebase]

/** The strategy that is used unless another one is named. */
export const defaultStrategy: Strategy = strategies[0]

/** @throws InputError that lists the strategies */
export function strategyNamed(name: string): Strategy {
  const found = strategies.find((strategy) => strategy.name === name)
  if (found !== undefined) return found
  throw new InputError(`unknown recovery strategy ${JSON.stringify(name)}`, {
    remedy: `Use one of: ${strategies.map((strategy) => strategy.name).join(', ')}.`,
  })
}
