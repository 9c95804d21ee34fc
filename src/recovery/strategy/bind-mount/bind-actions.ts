import { InputError } from '../../../errors.ts'
import type { Action } from '../../action/kinds.ts'
import { requirePlainPath } from '../../action/paths.ts'

export interface BindChoices {
  /** The mount path of the data on this site. */
  readonly local: string
  /** The mount path that is recorded in the images. */
  readonly origin: string
  /** True if the bind must last over reboots. */
  readonly persist: boolean
}

/**
 * The actions with which an origin path leads to the local data, on any node, in order. Empty if both are the same path.
 * @throws InputError for paths that cannot be bound
 */
export function bindActions({ local, origin, persist }: BindChoices): readonly Action[] {
  requirePlainPath(local)
  requirePlainPath(origin)
  if (local === origin) return []
  if (local.startsWith(`${origin}/`) || origin.startsWith(`${local}/`))
    throw new InputError(`cannot bind ${local} to ${origin}: one is inside the other`)
  const actions: Action[] = [
    { kind: 'make-directory', path: origin },
    { kind: 'bind', local, origin },
  ]
  if (persist) actions.push({ kind: 'persist', local, origin })
  return actions
}
