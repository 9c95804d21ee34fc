import { z } from 'zod'
import type { SignedEnvelope } from './dsse.ts'
import { packFormat } from './statement.ts'

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/)
/** The last character of Base64 has bits that nothing depends on. */
const base64 = z.string().refine((text) => Buffer.from(text, 'base64').toString('base64') === text)

const envelopeSchema = z.strictObject({
  payloadType: z.string(),
  payload: base64,
  signatures: z.array(z.strictObject({ keyid: sha256Schema, sig: base64 })),
})

const subject = z.array(z.object({ name: z.string(), digest: z.object({ sha256: sha256Schema }) }))
const outcome = z.enum(['passed', 'failed', 'unknown', 'not run'])

const drillStatement = z.object({
  subject,
  predicate: z.object({
    format: z.literal(packFormat),
    run: z.string(),
    exitCode: z.int().nullable(),
    counts: z.object({ passed: z.int(), failed: z.int(), unknown: z.int(), 'not run': z.int() }),
    drills: z.array(z.object({ location: z.string(), outcome })),
    predecessor: z.object({ run: z.string(), sha256: sha256Schema }).nullable(),
  }),
})

const testStatement = z.object({
  subject,
  predicate: z.object({
    result: z.enum(['PASSED', 'WARNED', 'FAILED']),
    passedTests: z.array(z.string()),
    failedTests: z.array(z.string()),
  }),
})

/** The parts of a statement about drills that are checked. */
export type DrillStatement = z.output<typeof drillStatement>
export type TestStatement = z.output<typeof testStatement>

/** Returns an envelope. Undefined if the content is none. */
export function readEnvelope(content: Uint8Array): SignedEnvelope | undefined {
  return parsed(envelopeSchema, content)
}

/** Returns the statement about the drills. Undefined if the payload is none of this format. */
export function readDrillStatement({ payload }: SignedEnvelope): DrillStatement | undefined {
  return parsed(drillStatement, Buffer.from(payload, 'base64'))
}

/** Returns the statement about test results. Undefined if the payload is none. */
export function readTestStatement({ payload }: SignedEnvelope): TestStatement | undefined {
  return parsed(testStatement, Buffer.from(payload, 'base64'))
}

function parsed<Schema extends z.ZodType>(schema: Schema, content: Uint8Array): z.output<Schema> | undefined {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(content).toString('utf8'))
  } catch {
    return undefined
  }
  const result = schema.safeParse(value)
  return result.success ? result.data : undefined
}
