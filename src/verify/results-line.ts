import { z } from 'zod'
import { InputError } from '../errors.ts'
import { reasonKinds } from '../reason/reason.ts'

/** The first line of each verification in a file of results. */
const format = 'dr-drill verification'
const version = 1

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')
const count = z.number().int().nonnegative()
const text = z.string().max(8192)
const index = count.max(1000)
const date = z.iso.datetime()
/** Names of folders and paths below a target. */
const id = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^/\0]+$/, 'must be a name')
const path = z
  .string()
  .max(4096)
  .refine((one) => !one.split('/').some((part) => part === '' || part === '.' || part === '..'), {
    message: 'must be a path below a target',
  })

const problem = z.strictObject({ file: text, line: count, column: count, message: text })
const oddity = z.strictObject({
  kind: z.enum(['symbolic-link', 'not-a-file', 'unreadable', 'unexpected', 'copy', 'leftover']),
  path: text,
  message: text.exactOptional(),
})
const notes = { problems: z.array(problem), oddities: z.array(oddity) }
const workloadFacts = z.strictObject({
  name: text.exactOptional(),
  userId: text.exactOptional(),
  projectId: text.exactOptional(),
  status: text.exactOptional(),
  isDeleted: z.boolean().exactOptional(),
  isEncrypted: z.boolean().exactOptional(),
  secretId: text.exactOptional(),
})
const snapshotFacts = z.strictObject({
  name: text.exactOptional(),
  projectId: text.exactOptional(),
  type: text.exactOptional(),
  status: text.exactOptional(),
  isDeleted: z.boolean().exactOptional(),
  createdAt: text.exactOptional(),
  finishedAt: text.exactOptional(),
  sizeBytes: z.number().exactOptional(),
  virtualBytes: z.number().exactOptional(),
})
const resource = z.strictObject({
  resourceId: text,
  vmId: text.exactOptional(),
  device: text.exactOptional(),
  volumeId: text.exactOptional(),
  type: text.exactOptional(),
})
const row = z.strictObject({
  id: text.exactOptional(),
  backingId: text.exactOptional(),
  isTop: z.boolean().exactOptional(),
  vaultUrl: text.exactOptional(),
  digest: text.exactOptional(),
  sizeBytes: z.number().exactOptional(),
  virtualBytes: z.number().exactOptional(),
  status: text.exactOptional(),
})
const image = z.strictObject({
  name: id,
  fileBytes: count,
  uid: count,
  gid: count,
  writtenMs: z.number().exactOptional(),
  header: z
    .strictObject({
      virtualBytes: count,
      backing: z.string().max(1024).exactOptional(),
      backingFormat: text.exactOptional(),
      encryption: z.enum(['aes', 'luks']).exactOptional(),
      hasExternalData: z.literal(true).exactOptional(),
      isMarkedCorrupt: z.literal(true).exactOptional(),
    })
    .exactOptional(),
  problem: z
    .strictObject({
      kind: z.enum(['not-qcow2', 'truncated', 'damaged', 'unsupported', 'unreadable']),
      message: text,
    })
    .exactOptional(),
  tables: z
    .strictObject({
      verdict: z.enum(['sound', 'minor', 'unknown', 'suspect', 'truncated', 'damaged']),
      what: text.exactOptional(),
      offset: z.number().exactOptional(),
      guestOffset: z.number().exactOptional(),
      why: text.exactOptional(),
      isBlank: z.literal(true).exactOptional(),
    })
    .exactOptional(),
  isBlank: z.literal(true).exactOptional(),
  identity: z
    .strictObject({ writtenMs: z.number(), head: sha256, inode: z.number(), changedMs: z.number() })
    .exactOptional(),
})
const disk = z.strictObject({
  vmId: id,
  resourceId: id,
  device: z.string().max(255),
  folder: path,
  rows: z.array(row).exactOptional(),
  images: z.array(image),
  unread: text.exactOptional(),
})
const snapshot = z.strictObject({
  snapshotId: id,
  record: snapshotFacts.exactOptional(),
  vmNames: z.record(z.string(), text).exactOptional(),
  resources: z.array(resource).exactOptional(),
  disks: z.array(disk),
  ...notes,
  unread: text.exactOptional(),
})
const workload = z.strictObject({
  workloadId: id,
  parts: z.array(
    z.strictObject({
      target: index,
      record: workloadFacts.exactOptional(),
      hasVms: z.literal(true).exactOptional(),
      snapshots: z.array(snapshot),
      ...notes,
      unread: text.exactOptional(),
    }),
  ),
})

const shard = z.strictObject({ number: count.min(1).max(9999), count: count.min(1).max(9999) })
const result = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('read'),
    digest: sha256,
    readBytes: count,
    doubt: text.exactOptional(),
    date: date.exactOptional(),
  }),
  z.strictObject({ kind: z.enum(['broken', 'unknown']), why: text, reason: z.enum(reasonKinds).exactOptional() }),
])
const selection = z.strictObject({
  sample: z.number().positive().max(1).exactOptional(),
  seed: z.string().max(100),
  newest: count.min(1).exactOptional(),
  subset: shard.exactOptional(),
})

const readingLine = z.strictObject({
  kind: z.literal('reading'),
  key: sha256,
  path,
  date,
  tool: z.string().max(100),
  host: z.string().max(255),
  result,
})

/** The lines of a verification, in this order: its begin, targets, workloads with readings between them, its end. */
const line = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('begin'),
    format: z.literal(format),
    version: z.number(),
    date,
    tool: z.string().max(100),
    host: z.string().max(255),
    depth: z.enum(['tables', 'content']),
    targets: z.array(text).min(1).max(1000),
    /** Undefined if all of the targets are verified. */
    shard: shard.exactOptional(),
    selection,
  }),
  z.strictObject({
    kind: z.literal('target'),
    target: index,
    path: text,
    workloadIds: z.array(id),
    identity: z.strictObject({ inode: z.number(), workloads: z.record(z.string(), z.number()) }).exactOptional(),
    ...notes,
  }),
  z.strictObject({ kind: z.literal('no-target'), target: index, message: text }),
  z.strictObject({ kind: z.literal('silent'), target: index, folder: text, afterMs: z.number() }),
  z.strictObject({ kind: z.literal('workload'), workload }),
  readingLine,
  z.strictObject({ kind: z.literal('end'), date }),
])

export type ResultsLine = z.output<typeof line>
export type BeginLine = Extract<ResultsLine, { kind: 'begin' }>

export const beginOf = (facts: Omit<BeginLine, 'kind' | 'format' | 'version'>): BeginLine => ({
  kind: 'begin',
  format,
  version,
  ...facts,
})

/**
 * Returns the line that a text holds.
 * @param where the file and its line, for messages
 * @throws InputError
 */
export function parseResultsLine(content: string, where: string): ResultsLine {
  const value = json(content, where)
  const head = value as { readonly kind?: unknown; readonly version?: unknown; readonly format?: unknown } | null
  if (head?.kind === 'begin' && head.format === format && head.version !== version)
    throw new InputError(`${where}: the results have version ${String(head.version)}, not ${version}`, {
      remedy: 'Use the dr-drill that wrote them, or verify again.',
    })
  const parsed = line.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const at = issue?.path.join('.') ?? ''
  throw damagedResults(where, `${at === '' ? '' : `${at}: `}${issue?.message ?? 'not as expected'}`)
}

function json(content: string, where: string): unknown {
  try {
    return JSON.parse(content)
  } catch (error) {
    throw damagedResults(where, (error as Error).message)
  }
}

export const damagedResults = (where: string, why: string): InputError =>
  new InputError(`${where}: ${why}`, { remedy: 'Pass a file that "verify --results" wrote, or verify again.' })

export const beginsLikeResults = (text: string): boolean => text.startsWith(`{"kind":"begin","format":"${format}"`)
