/** A value of a cell, as JSON. */
export type CellValue = string | number | boolean | null | readonly string[]

/** Rows with columns such as `ID` and `Name`. */
export interface ListView {
  readonly kind: 'list'
  readonly columns: readonly string[]
  readonly rows: readonly (readonly CellValue[])[]
}

/** One thing with fields such as `id` and `status`. */
export interface ShowView {
  readonly kind: 'show'
  readonly fields: Readonly<Record<string, CellValue>>
}

/** The result of a command. A command without one prints sentences itself. */
export type View = ListView | ShowView

/** Makes a list view of things: a column is a name and how to get its value. */
export function listView<Item>(
  items: readonly Item[],
  columns: Readonly<Record<string, (item: Item) => CellValue>>,
): ListView {
  const all = Object.entries(columns)
  return {
    kind: 'list',
    columns: all.map(([name]) => name),
    rows: items.map((item) => all.map(([, read]) => read(item))),
  }
}

/** Makes a show view. */
export function showView(fields: Readonly<Record<string, CellValue>>): ShowView {
  return { kind: 'show', fields }
}
