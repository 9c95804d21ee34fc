import type { DataTable } from '@cucumber/cucumber'

/** Options of a step whose table is read before anything starts, as values in its text are: what it refuses is told. */
export function readsTable(readTable: (table: DataTable) => unknown): { readonly wrapperOptions: object } {
  return { wrapperOptions: { readTable } }
}
