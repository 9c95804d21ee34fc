import assert from 'node:assert/strict'
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { z } from 'zod'
import { readStepDocs } from '../../scripts/docs/step-docs.ts'
import { stepsPage } from '../../scripts/docs/steps-page.ts'
import { findingKinds } from '../assess/judge/target-finding.ts'
import { helpOfCommands } from '../cli/help.fixture.ts'
import { knownMistakes } from '../fault/operator-mistake.ts'
import { inventorySchema } from '../inventory/inventory-schema.ts'
import { topologySchema } from '../lab/topology/topology-schema.ts'
import { strategies } from '../recovery/strategy/index.ts'
import { knownMoments } from '../rehearsal/interruption.ts'
import { reportFormats } from '../report/index.ts'

const checkout = join(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(join(checkout, file), 'utf8')

/** Returns the code of a page in backticks, without its blocks of code. */
function codeIn(page: string): string {
  const code = read(page)
    .replaceAll(/^```[^]*?^```/gm, '')
    .match(/`[^`\n]+`/g)
  return code?.join('\n') ?? ''
}

describe('the guide', () => {
  it('describes all steps as their comments do (if not: npm run docs)', () => {
    const page = stepsPage(readStepDocs(checkout))
    // Lines, not the page: a failure shows only those that differ.
    const present = new Set(read('docs/steps.md').split('\n'))
    const missing = page.split('\n').filter((line) => !present.has(line))
    assert.deepEqual(missing, [], 'docs/steps.md lacks these lines')
    assert.ok(read('docs/steps.md') === page, 'docs/steps.md has more lines than these, or another order')
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

  it('names every strategy, every finding, every command and every report', async () => {
    const names: Readonly<Record<string, readonly string[]>> = {
      'docs/recovery.md': strategies.map(({ name }) => name),
      'docs/assess.md': Object.keys(findingKinds),
      'README.md': [
        ...(await helpOfCommands()).map(({ name }) => name.replace('dr-drill ', '')),
        ...Object.keys(reportFormats),
      ],
      'reports/README.md': Object.keys(reportFormats),
    }
    for (const [page, all] of Object.entries(names))
      for (const name of all) assert.match(codeIn(page), new RegExp(`(?<![\\w-])${name}(?![\\w-])`), `${page}: ${name}`)
  })

  it('names no file or folder of the sources that does not exist', () => {
    for (const page of ['CONTRIBUTING.md', 'docs/architecture.md', 'docs/debugging.md'])
      for (const [, path = ''] of read(page).matchAll(/`((?:src|steps|scripts|features|bench|containers)\/[^`\s]*)`/g))
        if (!/[A-Z]{4}/.test(path)) assert.ok(existsSync(join(checkout, path)), `${page}: ${path}`)
  })

  it('lists every room of the sources for contributors', () => {
    for (const { name } of readdirSync(join(checkout, 'src'), { withFileTypes: true }).filter((one) =>
      one.isDirectory(),
    ))
      assert.ok(codeIn('CONTRIBUTING.md').includes(`\`${name}/`), name)
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
