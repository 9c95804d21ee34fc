import { printable } from '../../../text/printable.ts'
import { boxTable } from './box-table.ts'
import type { CellValue, ListView, ShowView, View } from './view.ts'

/** The formats of lists and of single things, as in OpenStack clients. */
export const formatNames = {
  list: ['csv', 'json', 'table', 'value', 'yaml'],
  show: ['json', 'shell', 'table', 'value', 'yaml'],
} as const

/** The name of a format. */
export type FormatName = (typeof formatNames)['list' | 'show'][number]

/** Returns a view as text that ends with a line feed. */
export async function formatView(view: View, format: FormatName): Promise<string> {
  if (format === 'json') return `${JSON.stringify(asData(view), null, 2)}\n`
  if (format === 'yaml') {
    const { stringify } = await import('yaml')
    return stringify(asData(view))
  }
  return view.kind === 'list' ? formatList(view, format) : formatShow(view, format)
}

function asData(view: View): unknown {
  if (view.kind === 'show') return view.fields
  return view.rows.map((row) => Object.fromEntries(view.columns.map((name, at) => [name, row[at] ?? null])))
}

function formatList({ columns, rows }: ListView, format: FormatName): string {
  if (format === 'csv') return [columns, ...rows].map((row) => `${row.map(csvCell).join(',')}\n`).join('')
  if (format === 'value') return rows.map((row) => `${row.map(plainText).join(' ')}\n`).join('')
  return rows.length === 0
    ? '\n'
    : boxTable(
        columns,
        rows.map((row) => row.map(plainText)),
      )
}

function formatShow({ fields }: ShowView, format: FormatName): string {
  const all = Object.entries(fields)
  if (format === 'value') return all.map(([, value]) => `${plainText(value)}\n`).join('')
  if (format === 'shell') return all.map(([name, value]) => `${name}=${shellWord(plainText(value))}\n`).join('')
  return boxTable(
    ['Field', 'Value'],
    all.map(([name, value]) => [name, plainText(value)]),
  )
}

/** Names come from records on a share: no cell can move the cursor of a terminal or end its line. */
function plainText(value: CellValue): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'object') return value.map((one) => printable(one)).join(', ')
  return printable(String(value))
}

/** Numbers are not quoted, all else is. */
function csvCell(value: CellValue): string {
  return typeof value === 'number' ? `${value}` : `"${plainText(value).replaceAll('"', '""')}"`
}

const shellWord = (text: string): string => `"${text.replaceAll(/["\\$`]/g, '\\$&')}"`
