import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import * as api from './index.ts'

const checkout = join(import.meta.dirname, '..')
const page = readFileSync(join(checkout, 'docs/api.md'), 'utf8')
const [exported = ''] = page.split('\n## Types behind these')
const documented = [...exported.matchAll(/^### (\S+)\n[^]*?```ts\n(\w+)/gm)].map(([, name = '', kind]) => ({
  name,
  kind,
}))

it('docs/api.md lists every value of the public API (else: npm run docs)', () => {
  const values = documented.filter(({ kind }) => !['interface', 'type'].includes(kind ?? '')).map(({ name }) => name)
  // Of these classes only the type is exported.
  const classTypes = ['Drill', 'Lab', 'Machine', 'PlannedNodes']
  const expected = Object.entries(api).flatMap(([name, value]) =>
    name === 'byHand' || name === 'workloadManager' || name === 'notification'
      ? Object.keys(value).map((key) => `${name}.${key}`)
      : [name],
  )
  assert.deepEqual(values.toSorted(), [...expected, ...classTypes].toSorted())
})

it('the public API is small', () => {
  const names = new Set(documented.map(({ name }) => name.split('.')[0]))
  assert.ok(names.size <= 90, `${names.size} names`)
})
