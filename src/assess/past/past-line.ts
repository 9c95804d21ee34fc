import { z } from 'zod'
import { InputError } from '../../errors.ts'
import { carriedCodes, depths, type PastImage } from '../judge/past-image.ts'

const format = 'dr-drill record of assessments'
const version = 1

/** The first line of a record. */
export const headLine = JSON.stringify({ format, version })

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')
const path = z
  .string()
  .max(4096)
  .refine((text) => text.startsWith('workload_') && !text.split('/').some((part) => part === '' || part === '..'), {
    message: 'must be the path of an image below a target',
  })
const assessment = {
  date: z.iso.datetime(),
  tool: z.string().max(100),
  target: z.string().max(4096),
  chain: sha256.optional(),
}
const count = z.number().int().nonnegative()

const content = z.strictObject({
  ...assessment,
  digest: sha256,
  virtualBytes: count,
  file: z.strictObject({ bytes: count, writtenMs: z.number(), head: sha256 }).optional(),
})
const finding = z.strictObject({
  ...assessment,
  depth: z.enum(depths),
  code: z.enum(carriedCodes),
  state: z.enum(['broken', 'unknown']),
  path,
  why: z.string().max(8192),
})
const schema = z.strictObject({ path, content: content.optional(), findings: z.array(finding).max(16) })

/**
 * Checks the first line.
 * @param where the file and its line, for messages
 * @throws InputError
 */
export function checkHead(line: string, where: string): void {
  const head = parse(line, where) as { format?: unknown; version?: unknown } | null
  if (head === null || typeof head !== 'object' || head.format !== format)
    throw new InputError(`${where}: is not the first line of a record of assessments`, {
      remedy: 'Pass a file that --record wrote, or one that does not exist yet.',
    })
  if (head.version !== version)
    throw new InputError(`${where}: the record has version ${String(head.version)}, not ${version}`, {
      remedy: 'Use the dr-drill that wrote it, or start another record.',
    })
}

/** @throws InputError */
export function parseLine(line: string, where: string): PastImage {
  const { success, data, error } = schema.safeParse(parse(line, where))
  if (success) return data as PastImage
  const [issue] = error.issues
  const at = issue?.path.join('.') ?? ''
  throw damaged(where, `${at === '' ? '' : `${at}: `}${issue?.message ?? 'not as expected'}`)
}

/** All keys in the order in which they are written: the same record has the same bytes. */
const keys = [
  ...['path', 'content', 'findings', 'date', 'tool', 'target', 'depth', 'code', 'state', 'why'],
  ...['digest', 'virtualBytes', 'file', 'bytes', 'writtenMs', 'head', 'chain'],
]

/** The text is bounded: a message of a file system may be as long as it likes. */
export function formatLine({ path: image, content: read, findings }: PastImage): string {
  const short = findings.map((one) => ({ ...one, why: one.why.slice(0, 2000) }))
  return JSON.stringify({ path: image, ...(read && { content: read }), findings: short }, keys)
}

function parse(line: string, where: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    throw damaged(where, (error as Error).message)
  }
}

export const damaged = (where: string, why: string): InputError =>
  new InputError(`${where}: ${why}`, { remedy: 'Restore the record from a backup, or start another one.' })
