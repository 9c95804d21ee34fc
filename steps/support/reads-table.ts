import type { DataTable } from '@cucumber/cucumber'

/** Options for a step whose table is checked before anything starts, as the values in its text are. */
export function readsTable(readTable: (table: DataTable) => unknown): { readonly wrapperOptions: object } {
  return { wrapperOptions: { readTable } }
}
