import { z } from 'zod'
import { InputError } from '../../errors.ts'
import { check } from '../../input/schema-check.ts'
import { linesOfNamedFile } from '../../localhost/named-file.ts'

const states = ['restorable', 'after-recovery', 'with-secret', 'broken', 'unknown'] as const
const count = z.int().min(0)

const snapshotSchema = z.object({
  snapshotId: z.string(),
  name: z.string().exactOptional(),
  date: z.iso.datetime().exactOptional(),
  ageMs: z.number().exactOptional(),
  type: z.string().exactOptional(),
  projectId: z.string().exactOptional(),
  state: z.enum(states),
  isNotOffered: z.string().exactOptional(),
  disks: z.object({ total: count, read: count, matched: count }),
  defect: z.object({ code: z.string(), vm: z.string().exactOptional(), device: z.string() }).exactOptional(),
})

const workloadSchema = z.object({
  kind: z.literal('workload'),
  workloadId: z.string(),
  name: z.string().exactOptional(),
  userId: z.string().exactOptional(),
  projectId: z.string().exactOptional(),
  isDeleted: z.literal(true).exactOptional(),
  isOneVm: z.literal(true).exactOptional(),
  snapshots: z.array(snapshotSchema),
})

const summarySchema = z.object({
  kind: z.literal('summary'),
  date: z.iso.datetime(),
  depth: z.enum(['headers', 'tables', 'content']),
  unseen: z.array(z.string()),
  totals: z.object({ workloads: count }),
})

export type AssessedSnapshot = z.output<typeof snapshotSchema>
export type AssessedWorkload = z.output<typeof workloadSchema>

/** The results of an assessment that matter to the owners of workloads. */
export interface FinishedAssessment {
  /** When it began, in ISO 8601, UTC. */
  readonly date: string
  readonly depth: 'headers' | 'tables' | 'content'
  /** Why it is incomplete. Empty if it is complete. */
  readonly unseen: readonly string[]
  readonly workloads: readonly AssessedWorkload[]
}

/**
 * Reads the output of `assess --json`. Records of images are passed over.
 * @throws InputError if it is another file, of an assessment that did not end, or of an older version
 */
export async function readAssessment(path: string): Promise<FinishedAssessment> {
  const workloads = new Map<string, AssessedWorkload>()
  let summary: z.output<typeof summarySchema> | undefined
  let nth = 0
  for await (const line of linesOfNamedFile({ what: 'the assessment', path, maxBytes: maxLineBytes, remedy })) {
    nth++
    // Most lines are records of images, which need not be parsed.
    if (line === '' || line.startsWith('{"kind":"image"')) continue
    const where = `${path}:${nth}`
    const kind = kindOf(line, where)
    if (summary !== undefined) throw wrong(where, 'a record follows the summary')
    if (kind.name === 'summary') summary = check(summarySchema, kind.record, where)
    if (kind.name !== 'workload') continue
    const workload = check(workloadSchema, kind.record, where)
    if (workloads.has(workload.workloadId)) throw wrong(where, `workload ${workload.workloadId} is listed twice`)
    workloads.set(workload.workloadId, workload)
  }
  if (summary === undefined) throw wrong(path, 'it has no summary: the assessment did not end')
  const { date, depth, unseen, totals } = summary
  if (totals.workloads !== workloads.size)
    throw wrong(path, `it has the records of ${workloads.size} of ${totals.workloads} workloads`)
  return { date, depth, unseen, workloads: [...workloads.values()] }
}

/** The summary has a record of each workload. */
const maxLineBytes = 256 * 2 ** 20

const remedy = 'Create it: dr-drill assess PATH --depth content --json >FILE'

const wrong = (where: string, problem: string): InputError =>
  new InputError(`--from-assessment: ${where}: ${problem}`, { remedy })

function kindOf(line: string, where: string): { readonly name: string; readonly record: unknown } {
  let record: unknown
  try {
    record = JSON.parse(line)
  } catch (cause) {
    throw new InputError(`--from-assessment: ${where}: ${(cause as Error).message}`, { cause, remedy })
  }
  const name = (record as { readonly kind?: unknown } | null)?.kind
  if (name !== 'image' && name !== 'workload' && name !== 'summary')
    throw wrong(where, 'not a record of dr-drill assess --json')
  return { name, record }
}
