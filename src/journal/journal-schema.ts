import { z } from 'zod'
import { reasonKinds } from '../reason/reason.ts'
import { exerciseEnds, exerciseEvents, objectiveStates, phases } from './journal.ts'
import { quickCheckOf } from './quick-check.ts'

/**
 * The version of the format of journals. It changes with an entry that older readers would misread. New kinds of entries
 * and new optional fields do not change it.
 */
export const journalFormat = 1

const text = z.string()
/** JSON leaves out a value that is undefined. */
const anything = z.unknown().optional() as unknown as z.ZodUnknown
const ms = z.number()
const texts = z.array(text).readonly()
const seq = z.int().min(1)

const image = z.object({
  workload: text,
  workloadId: text,
  vm: text,
  vmId: text,
  disk: text,
  snapshot: z.int().min(1),
  snapshotId: text,
  type: z.enum(['full', 'incremental']),
  path: text,
  chain: texts,
  virtualSizeBytes: z.number(),
  digest: text,
})

const reason = z.object({
  kind: z.enum(reasonKinds),
  node: text,
  path: text.exactOptional(),
  sentence: text,
})

const restore = z.object({
  id: text,
  image,
  site: text,
  node: text,
  sizedOn: text,
  askedBy: text.exactOptional(),
  outcome: z.enum(['restored', 'failed']),
  digest: text.exactOptional(),
  toolSucceeded: z.boolean(),
  reason: reason.exactOptional(),
  durationMs: ms,
})

const finding = z.object({
  verdict: z.enum(['pass', 'fail', 'unknown']),
  question: text,
  sentence: text,
  evidence: z.array(seq).readonly(),
})

const stamp = {
  seq,
  at: text,
  drill: text.exactOptional(),
  series: text.exactOptional(),
  redacted: z.record(text, z.int()).readonly().exactOptional(),
}

const entry = <const Kind extends string, Fields extends z.ZodRawShape>(kind: Kind, fields: Fields) =>
  z.object({ kind: z.literal(kind), ...stamp, ...fields })

/** One line of a journal, of a kind that this version knows. A test holds it against the type `JournalEntry`. */
export const journalEntrySchema = z.discriminatedUnion('kind', [
  entry('run-started', {
    run: text,
    version: text,
    argv: texts,
    format: z.int().min(1).exactOptional(),
    shard: z.object({ number: seq, count: seq, selected: texts, own: texts }).exactOptional(),
    mergedFrom: z
      .array(z.object({ run: text, number: seq }))
      .readonly()
      .exactOptional(),
  }),
  entry('environment', {
    environment: z.object({
      user: text,
      host: text,
      system: text,
      node: text,
      engine: text.exactOptional(),
      engineVersion: text.exactOptional(),
      guestImage: text.exactOptional(),
      ciJob: text.exactOptional(),
      features: z.object({ commit: text, isDirty: z.boolean() }).exactOptional(),
      code: z.record(text, text).readonly().exactOptional(),
      maxVerdictAgeMs: ms.nullable().exactOptional(),
    }),
  }),
  entry('run-ended', { exitCode: z.int() }),
  entry('drill-started', { name: text, feature: text, location: text, attempt: z.int().min(2).exactOptional() }),
  entry('drill-ended', { outcome: z.enum(['passed', 'failed', 'unknown', 'not run']), why: text.exactOptional() }),
  entry('phase-started', { phase: z.enum(phases) }),
  entry('phase-ended', { phase: z.enum(phases), durationMs: ms }),
  entry('command', {
    where: text,
    command: text,
    restoreId: text.exactOptional(),
    user: z.object({ uid: z.int(), gid: z.int() }).exactOptional(),
    mountNamespace: text.exactOptional(),
    startedAt: text.exactOptional(),
    ended: text,
    exitCode: z.int().nullable(),
    stdout: text,
    stderr: text,
    durationMs: ms,
  }),
  entry('observation', { subject: text, where: text, facts: anything }),
  entry('backup', { image, share: text, originPath: text, site: text, takenAt: text.exactOptional() }),
  entry('fault', { fault: text, subject: text, proof: anything, injectedAt: text.exactOptional() }),
  entry('action', { where: text, action: anything, outcome: z.enum(['begun', 'done']) }),
  entry('restore', { restore, evidence: anything }),
  entry('expectation', { question: text, expected: anything }),
  entry('finding', { finding }),
  entry('error', {
    code: text,
    message: text,
    blame: z.enum(['input', 'machine', 'failure', 'interrupted']),
    remedy: text.exactOptional(),
  }),
  entry('note', { text }),
  entry('exercise', {
    event: z.enum(exerciseEvents),
    clockMs: ms,
    person: text.exactOptional(),
    node: text.exactOptional(),
    subject: text.exactOptional(),
    text: text.exactOptional(),
    body: text.exactOptional(),
    input: text.exactOptional(),
    output: text.exactOptional(),
    exitCode: z.int().nullable().exactOptional(),
    state: z.enum(objectiveStates).exactOptional(),
    holding: z.int().exactOptional(),
    claims: z
      .array(z.object({ about: text, state: z.enum(objectiveStates) }))
      .readonly()
      .exactOptional(),
    priceMs: ms.exactOptional(),
    digest: text.exactOptional(),
    end: z.enum(exerciseEnds).exactOptional(),
    limitMs: ms.exactOptional(),
    people: texts.exactOptional(),
    exercise: text.exactOptional(),
    team: text.exactOptional(),
    script: z.object({ file: text, yaml: text }).exactOptional(),
    objectives: z
      .array(z.object({ name: text, withinMs: ms.exactOptional(), isJudgedLive: z.boolean() }))
      .readonly()
      .exactOptional(),
    lookAt: texts.exactOptional(),
  }),
  entry('background-taken-over', { origin: z.object({ name: text, location: text, lab: text, savedAt: text }) }),
  // Cucumber publishes the schema of its messages.
  entry('envelope', { envelope: z.record(text, z.unknown()) as unknown as z.ZodType<object> }),
])

const anyEntry = z.object({ kind: text, ...stamp })
const byKind = new Map(
  journalEntrySchema.options.map((one) => [
    one.shape.kind.value as string,
    { schema: one, isValid: quickCheckOf(one) },
  ]),
)

/**
 * Returns what is wrong with an entry: the field, and what it must be. Undefined for a valid entry, and for one of a kind
 * that this version does not know, which a newer one may have written.
 */
export function problemInEntry(entry: object): string | undefined {
  const { kind } = entry as { readonly kind?: unknown }
  const known = byKind.get(`${kind}`)
  if (known?.isValid(entry)) return undefined
  const result = (known?.schema ?? anyEntry).safeParse(entry)
  if (result.success) return undefined
  const [issue] = result.error.issues
  return `${issue?.path.join('.')}: ${issue?.message.replace(/^Invalid input: /, '')}`
}
