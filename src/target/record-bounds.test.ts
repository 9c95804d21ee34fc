import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { excessIn, recordBounds } from './record-bounds.ts'
import { readRecord } from './record-files.ts'

const excess = (text: string) => excessIn(Buffer.from(text))
const { depth, values, bytes } = recordBounds
const nested = (levels: number) => `${'['.repeat(levels)}${' '.repeat(2 ** 16)}${']'.repeat(levels)}`

describe('a text within the bounds of records', () => {
  const rows: Readonly<Record<string, string>> = {
    'nested as deep as allowed': nested(depth),
    'as many values as allowed': `[${Array(values - 1)
      .fill(0)
      .join()}]`,
    'commas and brackets in a string': JSON.stringify([',[{'.repeat(values)]),
    'an escaped quote before brackets': JSON.stringify([`"${'['.repeat(2 ** 17)}`]),
    'an escaped backslash at the end of a string': `["\\\\",${'[],'.repeat(2 ** 15)}0]`,
    'many siblings that are nested': `[${Array(2 ** 15)
      .fill('[[]]')
      .join()}]`,
    'a short text, however deep': '['.repeat(2 ** 16),
  }
  for (const [what, text] of Object.entries(rows)) it(`is parsed: ${what}`, () => assert.equal(excess(text), undefined))
})

describe('a text beyond the bounds of records', () => {
  const rows: readonly (readonly [what: string, text: string, message: RegExp])[] = [
    ['2 MB of [', '['.repeat(2_000_000), /nested more than 100 levels deep/],
    ['objects in objects', '{"a":'.repeat(20_000), /nested more than 100 levels deep/],
    ['one level too many', nested(depth + 1), /nested more than 100 levels deep/],
    ['a million empty objects', `[${Array(1_000_000).fill('{}').join()}]`, /more than 250000 values/],
    ['a million keys of one object', `{${Array.from({ length: 500_000 }, (_, n) => `"${n}":1`).join()}}`, /more than/],
    ['more bytes than a record has', ' '.repeat(bytes + 1), /8388609 bytes: too long for a record/],
  ]
  for (const [what, text, message] of rows)
    it(`is an unreadable record: ${what}`, () => {
      assert.match(excess(text) ?? 'none', message)
      for (const content of [text, Buffer.from(text)]) {
        const { record, problems } = readRecord('disk_db', content, 'disk_db')
        assert.equal(record, undefined)
        assert.match(problems.map((one) => `${one.file}:${one.line}:${one.column} ${one.message}`).join(), message)
      }
    })
})
