import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'

const checkout = join(import.meta.dirname, '../..')

it('docs/security.md names tests that exist', () => {
  const page = readFileSync(join(checkout, 'docs/security.md'), 'utf8')
  const named = [...page.matchAll(/`(src\/[^`]+\.ts)`/g)].map(([, path]) => path ?? '')
  assert.ok(named.length > 20)
  assert.deepEqual(
    named.filter((path) => !existsSync(join(checkout, path))),
    [],
  )
})
