import type { Action } from './kinds.ts'

/** The origin path that an action is for. Undefined for one that is for no path. */
export function originIn(action: Action): string | undefined {
  if (action.kind === 'make-directory') return action.path
  return action.kind === 'bind' || action.kind === 'persist' ? action.origin : undefined
}
