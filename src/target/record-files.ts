import { isUtf8 } from 'node:buffer'
import { type JsonPath, locate, syntaxErrorIn } from './json-text.ts'
import { excessIn } from './record-bounds.ts'

/**
 * The record files of the product (`…_db`), as in public vendor scripts and tests, including older generations. A
 * reader keeps unknown fields and requires none: every field may be absent or null.
 */
type FieldType = 'text' | 'number' | 'flag' | 'metadata'

interface FieldTypes {
  readonly text: string
  readonly number: number
  /** Older generations write 0 and 1. */
  readonly flag: boolean | 0 | 1
  readonly metadata: readonly MetadataRow[]
}

/** One row of the metadata of a record. Rows have an id and more fields. */
export interface MetadataRow {
  readonly key?: unknown
  readonly value?: unknown
  readonly [field: string]: unknown
}

const base = { id: 'text', status: 'text', metadata: 'metadata' } as const
const owner = { user_id: 'text', project_id: 'text', tenant_id: 'text' } as const
const sizes = { size: 'number', restore_size: 'number' } as const

/** The known fields of each kind of record; for a list, of its elements. */
const fields = {
  workload_db: {
    ...base,
    ...owner,
    display_name: 'text',
    display_description: 'text',
    workload_type_id: 'text',
    availability_zone: 'text',
    jobschedule: 'text',
    host: 'text',
    deleted: 'flag',
    version: 'text',
    encryption: 'flag',
    secret_uuid: 'text',
  },
  workload_vms_db: { ...base, workload_id: 'text', vm_id: 'text', vm_name: 'text', size: 'number' },
  snapshot_db: {
    ...base,
    ...owner,
    ...sizes,
    workload_id: 'text',
    snapshot_type: 'text',
    display_name: 'text',
    uploaded_size: 'number',
    created_at: 'text',
    finished_at: 'text',
    deleted: 'flag',
    data_deleted: 'flag',
    pinned: 'flag',
    time_taken: 'number',
    error_msg: 'text',
    warning_msg: 'text',
  },
  snapshot_vms_db: { ...base, snapshot_id: 'text', vm_id: 'text', vm_name: 'text', size: 'number' },
  resources_db: {
    ...base,
    vm_id: 'text',
    snapshot_id: 'text',
    resource_type: 'text',
    resource_name: 'text',
    snapshot_type: 'text',
    size: 'number',
  },
  disk_db: {
    ...base,
    ...sizes,
    snapshot_vm_resource_id: 'text',
    /** The image id of the parent; null or empty for a full image. */
    vm_disk_resource_snap_backing_id: 'text',
    vm_disk_resource_snap_child_id: 'text',
    top: 'flag',
    /** Relative to the mount path, with a leading slash. */
    vault_url: 'text',
  },
  network_db: { ...base, vm_network_resource_snap_id: 'text', pickle: 'text' },
  security_group_db: { ...base, vm_security_group_snap_id: 'text', pickle: 'text' },
  /** Older generations call the name a key. */
  settings_db: { name: 'text', key: 'text', value: 'text', status: 'text', metadata: 'metadata' },
} as const satisfies Record<string, Readonly<Record<string, FieldType>>>

/** The name of a record file. */
export type RecordKind = keyof typeof fields
type ListKind = Exclude<RecordKind, 'workload_db' | 'snapshot_db'>

/** One record: known fields by type, and all others unchanged. */
export type RecordFields<Kind extends RecordKind> = {
  readonly [Name in keyof (typeof fields)[Kind]]?:
    | ((typeof fields)[Kind][Name] extends FieldType ? FieldTypes[(typeof fields)[Kind][Name]] : never)
    | null
} & { readonly [field: string]: unknown }

/** The content of a record file: an object or, for most kinds, a list. */
export type RecordOf<Kind extends RecordKind> = Kind extends ListKind
  ? readonly RecordFields<Kind>[]
  : RecordFields<Kind>

/** A problem in a record file. */
export interface RecordProblem {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in characters. */
  readonly column: number
  readonly message: string
}

export interface ReadRecord<Kind extends RecordKind> {
  /** The readable content. Undefined if nothing is readable. A known field of a wrong type is omitted. */
  readonly record: RecordOf<Kind> | undefined
  readonly problems: readonly RecordProblem[]
}

/** A file with so many problems is not a record, and finding their positions takes time. */
const maxProblems = 20

const kinds = new Set(Object.keys(fields))
const objectKinds: ReadonlySet<string> = new Set(['workload_db', 'snapshot_db'])
/** For these kinds the product also imports a file with one record outside of a list. */
const eitherKinds: ReadonlySet<string> = new Set(['network_db', 'security_group_db', 'settings_db'])

/** The kind of record of a file, by its name. */
export function recordKindOf(fileName: string): RecordKind | undefined {
  return kinds.has(fileName) ? (fileName as RecordKind) : undefined
}

/**
 * Reads a record file. Never throws: problems are returned with their positions, and the rest is read. A text beyond the
 * bounds of records is not parsed.
 * @param file the name of the file, for the problems
 */
export function readRecord<Kind extends RecordKind>(
  kind: Kind,
  content: string | Uint8Array,
  file: string,
): ReadRecord<Kind> {
  const excess = excessIn(typeof content === 'string' ? Buffer.from(content) : content)
  if (excess !== undefined) return { record: undefined, problems: [{ file, line: 1, column: 1, message: excess }] }
  const text = typeof content === 'string' ? content : textOf(content)
  const problems: RecordProblem[] = []
  let isTooWrong = false
  const report = (offset: number, message: string) => problems.push({ file, ...positionIn(text, offset), message })
  const reportAt = (path: JsonPath, message: string) => {
    if (problems.length < maxProblems) report(locate(text, path), `${nameOf(path)}${message}`)
    else isTooWrong = true
  }
  if (typeof content !== 'string' && !isUtf8(content)) report(Math.max(0, text.indexOf('\ufffd')), 'not UTF-8')

  let value: unknown
  try {
    // Some tools add a byte order mark to UTF-8.
    value = JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text)
  } catch {
    const { offset, message } = syntaxErrorIn(text) ?? { offset: 0, message: 'not JSON' }
    report(offset, message)
    return { record: undefined, problems }
  }
  if (objectKinds.has(kind)) {
    const record = readFields(kind, value, [], reportAt)
    return { record: record as RecordOf<Kind> | undefined, problems }
  }
  if (!Array.isArray(value)) {
    const isOne = eitherKinds.has(kind) && typeof value === 'object' && value !== null
    if (!isOne) reportAt([], 'must be a list')
    const one = isOne ? readFields(kind, value, [], reportAt) : undefined
    return { record: (one && [one]) as RecordOf<Kind> | undefined, problems }
  }
  const records = value.flatMap((element, at) => readFields(kind, element, [at], reportAt) ?? [])
  if (isTooWrong) report(0, 'and more problems, which are not listed')
  return { record: records as unknown as RecordOf<Kind>, problems }
}

/** The content of a record file. */
export function writeRecord<Kind extends RecordKind>(_kind: Kind, record: RecordOf<Kind>): string {
  return JSON.stringify(record)
}

/**
 * The key of a metadata row of dr-drill in `disk_db`: the content digest, version 1, of the image. It is recorded there
 * because it is copied with the image and read anyway; the product keeps unknown rows.
 */
export const contentDigestKey = 'dr_drill_content_digest_1'

/**
 * The key of a metadata row of `workload_db` and `snapshot_db`: the share that the records are on. A replica names the share
 * of the lost site until an import rewrites it.
 */
export const endpointKey = 'backup_media_target'

/** The value of a metadata row. Undefined if there is none. */
export function metadataValue(record: { readonly metadata?: readonly MetadataRow[] | null }, key: string): unknown {
  return record.metadata?.find((row) => row.key === key)?.value
}

const textOf = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('utf8')

type ReportAt = (path: JsonPath, message: string) => void

function readFields(
  kind: RecordKind,
  value: unknown,
  path: JsonPath,
  report: ReportAt,
): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    report(path, 'must be an object')
    return undefined
  }
  const known: Readonly<Record<string, FieldType>> = fields[kind]
  const record = value as Record<string, unknown>
  const wrong = Object.keys(record).filter(
    (name) => Object.hasOwn(known, name) && record[name] !== null && !isOfType(record[name], known[name]),
  )
  if (wrong.length === 0) return record
  for (const name of wrong) report([...path, name], `must be ${wording[known[name] ?? 'text']}`)
  const names = new Set(wrong)
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.has(name)))
}

const wording = { text: 'text', number: 'a number', flag: 'true or false', metadata: 'a list of objects' } as const

function isOfType(value: unknown, type: FieldType | undefined): boolean {
  if (type === 'text') return typeof value === 'string'
  if (type === 'number') return typeof value === 'number'
  if (type === 'flag') return typeof value === 'boolean' || value === 0 || value === 1
  return Array.isArray(value) && value.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row))
}

function nameOf(path: JsonPath): string {
  return path.length === 0 ? '' : `${path.join('.')} `
}

function positionIn(text: string, offset: number): Pick<RecordProblem, 'line' | 'column'> {
  let line = 1
  let lineStart = 0
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', lineStart)) {
    line++
    lineStart = at + 1
  }
  return { line, column: offset - lineStart + 1 }
}
