import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { apiPage } from '../scripts/docs/api-page.ts'

const checkout = join(import.meta.dirname, '..')

it('docs/api.md has the public API with its types (else: npm run docs)', () => {
  assert.equal(readFileSync(join(checkout, 'docs/api.md'), 'utf8'), apiPage(checkout))
})
