import { InputError } from '../../errors.ts'
import type { Action } from '../action/actions.ts'
import { requirePlainPath } from '../action/paths.ts'

export interface BindPlanOptions {
  /** The mount path of the data on this site. */
  readonly local: string
  /** The mount path that is recorded in the images. */
  readonly origin: string
  /** Whether the bind is to outlast a reboot. */
  readonly persist: boolean
}

/**
 * What one node needs so that an origin path leads to the local data, in the order in which it is done. Every node
 * needs the same. Empty where both are the same path: there is nothing to do.
 * @throws InputError for paths that cannot be bound
 */
export function planBindMount({ local, origin, persist }: BindPlanOptions): readonly Action[] {
  requirePlainPath(local)
  requirePlainPath(origin)
  if (local === origin) return []
  if (local.startsWith(`${origin}/`) || origin.startsWith(`${local}/`))
    throw new InputError(`${local} and ${origin} cannot be bound: one is inside the other`)
  const actions: Action[] = [
    { kind: 'make-directory', path: origin },
    { kind: 'bind', local, origin },
  ]
  if (persist) actions.push({ kind: 'persist', local, origin })
  return actions
}
