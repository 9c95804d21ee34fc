import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { sampleJournal } from '../report/page/sample-journal.fixture.ts'
import { journalEntrySchema } from './journal-schema.ts'
import { quickCheckOf } from './quick-check.ts'

const schemas = new Map(journalEntrySchema.options.map((one) => [one.shape.kind.value, one]))
const entries = sampleJournal([{}, { outcome: 'failed' }, { outcome: 'not run', why: 'no engine' }])

describe('a quick check of an entry', () => {
  it('accepts every entry that a run writes', () => {
    for (const entry of entries)
      assert.ok(quickCheckOf(schemas.get(entry.kind))(structuredClone(entry)), JSON.stringify(entry))
  })

  it('accepts no entry that the schema refuses, whichever value is changed or missing', () => {
    const seen = new Set<string>()
    for (const entry of entries.filter(({ kind }) => !seen.has(kind) && seen.add(kind)))
      for (const changed of mutationsOf(entry)) {
        const schema = schemas.get(entry.kind)
        if (!quickCheckOf(schema)(changed)) continue
        assert.ok(schema?.safeParse(changed).success, JSON.stringify(changed))
      }
  })

  const uncertain: readonly (readonly [string, z.ZodType, unknown])[] = [
    ['a text with a length', z.string().min(1), 'text'],
    ['a text with a condition', z.string().refine(() => true), 'text'],
    ['a list with a length', z.array(z.string()).min(1), ['text']],
    ['a number with a maximum', z.number().max(3), 2],
    ['a number of another format', z.int32(), 2],
    ['an object without other fields', z.strictObject({ a: z.string() }), { a: 'text' }],
    [
      'an optional value with a condition',
      z
        .string()
        .optional()
        .refine(() => true),
      'text',
    ],
    ['a union', z.union([z.string(), z.number()]), 'text'],
    ['a transformed text', z.string().transform(Number), '1'],
    ['a record with other keys', z.record(z.enum(['a']), z.string()), { a: 'text' }],
  ]
  for (const [what, schema, value] of uncertain)
    it(`leaves ${what} to the schema`, () => {
      assert.ok(schema.safeParse(value).success)
      assert.equal(quickCheckOf(schema)(value), false)
    })
})

const values = [undefined, null, true, 0, -1, 1.5, Number.NaN, Infinity, 2 ** 60, '', 'other', [], [1], {}, { a: [] }]

/** The value with each of its parts replaced by each of the values, and without each of its fields. */
function* mutationsOf(value: unknown): Generator<unknown> {
  yield* values
  if (typeof value !== 'object' || value === null) return
  for (const [key, part] of Object.entries(value)) {
    const withPart = (changed: unknown) =>
      Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed }
    for (const changed of mutationsOf(part)) yield withPart(changed)
    if (!Array.isArray(value)) yield Object.fromEntries(Object.entries(value).filter(([other]) => other !== key))
  }
}
