import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { controls } from './controls.ts'
import { procedure } from './procedure.ts'
import { words } from './words.ts'

const checkout = join(import.meta.dirname, '../../..')

describe('the references of the page', () => {
  it('name features that exist', () => {
    const named = procedure.flatMap(({ features, differences }) => [
      ...features,
      ...differences.map(({ source }) => source).filter((source) => source.includes('/')),
    ])
    assert.ok(named.length > 20)
    assert.deepEqual(
      named.filter((feature) => !existsSync(join(checkout, feature))),
      [],
    )
  })

  it('have an id each', () => {
    for (const list of [procedure, controls]) assert.equal(new Set(list.map(({ id }) => id)).size, list.length)
  })

  it('have the words of the architecture', () => {
    const page = readFileSync(join(checkout, 'docs/architecture.md'), 'utf8')
    const [, section = ''] = /\n## Words\n([^]*?)\n## /.exec(page) ?? []
    const rows = [...section.matchAll(/^\| (.*?) \| (.*) \|$/gm)].map(([, word, meaning]) => [word, meaning])
    const expected = rows.slice(1).map(([word, meaning]) => [word, meaning?.replaceAll('`', '')])
    assert.deepEqual(words, expected)
  })
})
