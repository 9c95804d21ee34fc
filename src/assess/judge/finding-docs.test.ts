import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { findingKinds } from './target-finding.ts'

it('docs/assess.md has a row for every code of a finding, and no others', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/assess.md'), 'utf8')
  const [, section = ''] = /^## Findings\n(.*?)^## /ms.exec(page) ?? []
  const codes = [...section.matchAll(/^\| `([a-z\d-]+)` \| ./gm)].map(([, code]) => code)
  assert.deepEqual(codes.toSorted(), Object.keys(findingKinds).toSorted())
})
