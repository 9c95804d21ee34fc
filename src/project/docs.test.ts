import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { readStepDocs } from '../../scripts/docs/step-docs.ts'
import { stepsPage } from '../../scripts/docs/steps-page.ts'
import { knownMistakes } from '../fault/operator-mistake.ts'
import { inventorySchema } from '../inventory/inventory.ts'
import { topologySchema } from '../lab/topology/topology-schema.ts'
import { knownMoments } from '../rehearsal/interruption.ts'

const checkout = join(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(join(checkout, file), 'utf8')

describe('the guide', () => {
  it('describes all steps as their comments do (if not: npm run docs)', () => {
    const page = stepsPage(readStepDocs(checkout))
    assert.equal(read('docs/steps.md'), page)
    assert.ok(page.includes('**Given** `site {siteName} is lost`'))
  })

  it('names every key of a topology', () => {
    const page = read('docs/topologies.md')
    const keys = keysOf(z.toJSONSchema(topologySchema, { io: 'input' }))
    assert.ok(keys.includes('memoryMib'))
    for (const key of keys) assert.match(page, new RegExp(`\`[^\`]*\\b${key}\\b[^\`]*\``))
  })

  it('names every mistake of an operator, and every moment of a recovery', () => {
    const page = read('docs/scenarios.md')
    for (const mistake of [...knownMistakes, ...knownMoments]) assert.ok(page.includes(`\`${mistake}\``), mistake)
  })

  it('names every key of an inventory', () => {
    const page = read('docs/hosts.md')
    for (const key of keysOf(z.toJSONSchema(inventorySchema, { io: 'input' })))
      assert.match(page, new RegExp(`\`[^\`]*\\b${key}\\b[^\`]*\``))
  })

  for (const page of [...globSync('docs/*.md', { cwd: checkout }), 'README.md', 'CONTRIBUTING.md'])
    it(`has no link that leads nowhere: ${page}`, () => {
      for (const [, target = ''] of read(page).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g))
        if (!target.startsWith('http')) assert.ok(existsSync(join(checkout, dirname(page), target)), target)
    })
})

function keysOf(schema: z.core.JSONSchema.BaseSchema): readonly string[] {
  const own = Object.entries(schema.properties ?? {})
  const inner = [...own.map(([, value]) => value), schema.items]
  return [
    ...own.map(([key]) => key),
    ...inner.flatMap((one) => (typeof one === 'object' && !Array.isArray(one) ? keysOf(one) : [])),
  ]
}
