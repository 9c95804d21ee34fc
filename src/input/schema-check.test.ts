import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { refusalOf } from '../refusal.fixture.ts'
import { age } from '../text/duration.ts'
import { nearest } from './nearest.ts'
import { parseAgeMs, parseDurationMs } from './parse-duration.ts'
import { check, parseYaml } from './schema-check.ts'

const schema = z.strictObject({
  engine: z.enum(['auto', 'container']).optional(),
  sites: z.array(z.strictObject({ name: z.string(), nodes: z.array(z.strictObject({ role: z.string() })).optional() })),
})

describe('an input that is nested without end', () => {
  const nested = (levels: number) => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`) as unknown
  const open = z.looseObject({})

  it('is refused, and one that is nested less is not', () => {
    assert.deepEqual(check(open, { extra: nested(99) }, 'f.json'), { extra: nested(99) })
    for (const levels of [100, 20_000])
      assert.equal(
        refusalOf(() => check(open, { extra: nested(levels) }, 'f.json')),
        'f.json: the document is nested more than 100 levels deep',
      )
  })

  it('is refused if it holds itself', () => {
    const input: Record<string, unknown> = {}
    input['inner'] = input
    assert.match(
      refusalOf(() => check(open, input, 'f.json')),
      /nested more than 100 levels/,
    )
  })

  it('and a tag that the parser does not know are refused', () => {
    assert.match(
      refusalOf(() => parseYaml('a: !secret x', 'f.yaml')),
      /^f\.yaml: Unresolved tag: !secret/,
    )
  })
})

describe('an input with a schema', () => {
  const rows: readonly [string, unknown, string][] = [
    ['an unknown key', { sties: [], sites: [] }, 'f.yaml: unknown key `sties`: did you mean `sites`?'],
    [
      'an unknown key deep inside',
      { sites: [{ name: 'a', nodes: [{ role: 'x', rule: 1 }] }] },
      'f.yaml: sites.0.nodes.0: unknown key `rule`: did you mean `role`?',
    ],
    ['a key like none', { tint: 1, sites: [] }, 'f.yaml: unknown key `tint`: known keys: engine, sites'],
    [
      'an unknown word',
      { engine: 'contaner', sites: [] },
      'f.yaml: engine: must be one of auto, container, not "contaner": did you mean container?',
    ],
    ['a type', { sites: 7 }, 'f.yaml: sites: expected array, received number'],
    ['what is missing', { sites: [{}] }, 'f.yaml: sites.0.name: is missing'],
    ['what is no object', null, 'f.yaml: the document: expected object, received null'],
    [
      'everything at once',
      { engine: 1 },
      'f.yaml: engine: must be one of auto, container, not 1\nf.yaml: sites: is missing',
    ],
  ]
  for (const [what, input, message] of rows)
    it(`is refused, naming ${what}`, () =>
      assert.equal(
        refusalOf(() => check(schema, input, 'f.yaml')),
        message,
      ))

  it('is refused with a duplicate key', () => {
    assert.match(
      refusalOf(() => parseYaml('a: 1\na: 2', 'f.yaml')),
      /^f\.yaml: Map keys must be unique at line 2/,
    )
  })
})

describe('a duration', () => {
  const rows = {
    '90s': 90_000,
    '15m': 900_000,
    '2h': 7_200_000,
    '1h30m': 5_400_000,
    '3d': 259_200_000,
    '1d12h': 129_600_000,
  }
  for (const [text, durationMs] of Object.entries(rows))
    it(`is read: ${text}`, () => assert.equal(parseDurationMs(text), durationMs))
  for (const text of ['', '0s', '15', '15 m', 'm', '1.5h', '30s1m', '1h2d', '-1s', '9'.repeat(20).concat('h')])
    it(`is refused: "${text.slice(0, 12)}"`, () => assert.equal(parseDurationMs(text), undefined))
})

describe('an age', () => {
  const minute = 60_000
  for (const ageMs of [minute, 25 * minute, 10 * 60 * minute, 72 * 60 * minute, 76 * 60 * minute])
    it(`is read as it is printed: ${age(ageMs)}`, () => assert.equal(parseAgeMs(age(ageMs)), ageMs))
  it('is read like a duration', () =>
    assert.deepEqual(['3d', '90s', '1d12h'].map(parseAgeMs), [259_200_000, 90_000, 129_600_000]))
  for (const text of ['', '3', '3 days', '0 d', 'd'])
    it(`is refused: "${text}"`, () => assert.equal(parseAgeMs(text), undefined))
})

describe('the nearest known word', () => {
  it('is found for a typing error', () => {
    assert.equal(nearest('featurs', ['steps', 'features']), 'features')
    assert.equal(nearest('sites', ['sties', 'size']), 'sties')
    assert.equal(nearest('tint', ['features', 'steps']), undefined)
    assert.equal(nearest('x', []), undefined)
  })
})
