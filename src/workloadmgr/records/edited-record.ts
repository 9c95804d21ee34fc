import { type JsonPath, spansOf } from '../../target/json-text.ts'

/** Edits of a record: new values of fields, and of metadata rows by their keys. */
export interface RecordEdits {
  /** New values of top-level fields. A missing field is added. */
  readonly fields?: Readonly<Record<string, unknown>>
  /** New values of existing metadata rows. A missing row is not added. */
  readonly metadata?: Readonly<Record<string, string>>
}

/**
 * Returns the text of a record with some values replaced. All other bytes stay as they are: unknown fields, long numbers,
 * the order of fields and white space. Where a key occurs several times, each value is replaced.
 * @throws SyntaxError if the text is not a JSON object
 */
export function editedRecord(text: string, { fields = {}, metadata = {} }: RecordEdits): string {
  const record = JSON.parse(text.replace(/^\ufeff/, '')) as { readonly metadata?: unknown }
  if (typeof record !== 'object' || record === null || Array.isArray(record)) throw new SyntaxError('must be an object')
  const rows = Array.isArray(record.metadata) ? record.metadata : []
  const newValueAt = (path: JsonPath): unknown => {
    const [name = '', row, field] = path
    if (path.length === 1 && Object.hasOwn(fields, name)) return fields[name]
    if (path.length !== 3 || name !== 'metadata' || field !== 'value') return undefined
    const key = (rows[Number(row)] as { readonly key?: unknown } | null)?.key
    return typeof key === 'string' && Object.hasOwn(metadata, key) ? metadata[key] : undefined
  }
  let edited = ''
  let at = 0
  const found = new Set<string | number>()
  for (const { path, start, end } of spansOf(text, (path) => newValueAt(path) !== undefined)) {
    edited += text.slice(at, start) + JSON.stringify(newValueAt(path))
    at = end
    if (path.length === 1 && path[0] !== undefined) found.add(path[0])
  }
  edited += text.slice(at)
  const added = Object.entries(fields).filter(([name, value]) => value !== undefined && !found.has(name))
  if (added.length === 0) return edited
  const brace = edited.indexOf('{') + 1
  const members = added.map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(', ')
  const isEmpty = /^\s*\}/.test(edited.slice(brace))
  return `${edited.slice(0, brace)}${members}${isEmpty ? '' : ', '}${edited.slice(brace)}`
}
