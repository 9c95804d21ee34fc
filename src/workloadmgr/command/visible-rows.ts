import { InputError } from '../../errors.ts'
import type { Requester } from '../requester.ts'

/** A row that belongs to a project. */
interface OwnedRow {
  readonly id: string
  readonly projectId?: string
}

/**
 * Returns the rows that a list shows: those of the requester's project, or all of them for an administrator who asks for
 * all. An empty list is not an error.
 * @throws InputError if another user asks for all
 */
export function visibleRows<Row extends OwnedRow>(
  rows: readonly Row[],
  requester: Requester,
  isAll = false,
): readonly Row[] {
  const { projectId } = scopeOf(requester, isAll)
  return projectId === undefined ? rows : rows.filter((row) => row.projectId === projectId)
}

/**
 * Returns the project that a list is about. Undefined for all projects.
 * @throws InputError if somebody else than an administrator asks for all
 */
export function scopeOf({ projectId, userName, isAdmin }: Requester, isAll: boolean): { readonly projectId?: string } {
  if (!isAll) return { projectId }
  if (!isAdmin) throw new InputError(`user ${userName} is not an administrator, and cannot list all projects`)
  return {}
}

/** @throws InputError unless the requester is an administrator */
export function requireAdmin({ userName, isAdmin }: Requester): void {
  if (!isAdmin) throw new InputError(`user ${userName} is not an administrator`)
}

/**
 * Returns the row that a requester may see: an administrator may see all.
 * @throws InputError if it does not exist, or belongs to another project: both look the same from outside
 */
export function visibleRow<Row extends OwnedRow>(
  what: string,
  id: string,
  row: Row | undefined,
  { projectId, isAdmin }: Requester,
): Row {
  if (row !== undefined && (isAdmin || row.projectId === projectId)) return row
  throw new InputError(`${what} ${id} does not exist`)
}
