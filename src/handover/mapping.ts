import { z } from 'zod'
import { InputError } from '../errors.ts'
import { checkFile } from '../input/check-file.ts'

/** The owner that some workloads get on the new cloud. */
export interface MappedOwner {
  /** Its project: an id, `name`, or `domain/name`. */
  readonly project: string
  /** Its user, likewise. */
  readonly user: string
  /** Ids of workloads. */
  readonly workloads: readonly string[]
  /** Where the file has it, for messages: `mapping.yaml:12`. */
  readonly at: string
}

/** The owner of each workload on the new cloud, as a person has decided it. */
export interface HandoverMapping {
  /** The name of the new cloud. */
  readonly cloud: string
  readonly owners: readonly MappedOwner[]
  /** Ids of workloads that are not handed over. */
  readonly leave: ReadonlySet<string>
  /** Ids of workloads that had no enabled schedule, so that none is expected afterwards. */
  readonly unscheduled: ReadonlySet<string>
}

/** How a mapping names a user or project. */
const reference = (what: 'project' | 'user') =>
  z
    .string(`is empty: write the ${what} of the new cloud, or move these workloads to \`leave\``)
    .trim()
    .min(1, `is empty: write the ${what} of the new cloud, or move these workloads to \`leave\``)
    .max(600, 'must have at most 600 characters')

const workloadId = z
  .string('must be the id of a workload')
  .regex(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i, 'must be the id of a workload')
  .transform((id) => id.toLowerCase())

/** An empty list in YAML is null. */
const ids = z
  .array(workloadId)
  .nullish()
  .transform((some) => some ?? [])

const mappingSchema = z.strictObject({
  cloud: z.string().min(1),
  owners: z
    .array(z.strictObject({ project: reference('project'), user: reference('user'), workloads: ids }))
    .nullish()
    .transform((some) => some ?? []),
  leave: ids,
  unscheduled: ids,
})

/**
 * Reads a mapping.
 * @param source the file, for messages
 * @throws InputError that names file and line of each wrong key and value, and of each workload that is named twice
 */
export function parseMapping(yaml: string, source: string): HandoverMapping {
  const { value, at } = checkFile(mappingSchema, yaml, source)
  const named = new Map<string, readonly PropertyKey[]>()
  const problems: string[] = []
  const place = (id: string, path: readonly PropertyKey[]): void => {
    const before = named.get(id)
    if (before === undefined) named.set(id, path)
    else problems.push(`${at(...path)}: workload ${id} is named twice, first at ${at(...before)}`)
  }
  for (const [nth, { workloads }] of value.owners.entries())
    for (const [index, id] of workloads.entries()) place(id, ['owners', nth, 'workloads', index])
  for (const [index, id] of value.leave.entries()) place(id, ['leave', index])
  if (problems.length > 0) throw new InputError(problems.join('\n'))
  return {
    cloud: value.cloud,
    owners: value.owners.map((owner, nth) => ({ ...owner, at: at('owners', nth) })),
    leave: new Set(value.leave),
    unscheduled: new Set(value.unscheduled),
  }
}
