import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, it } from 'node:test'
import { projectFiles } from './template.ts'

const checkout = join(import.meta.dirname, '../..')
mkdirSync(join(checkout, 'reports'), { recursive: true })
const scratch = mkdtempSync(join(checkout, 'reports', '.test-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

/** The examples of the guide that import dr-drill, by page and number. */
function examplesOfGuide(): Readonly<Record<string, string>> {
  const examples = globSync(['docs/*.md', '*.md'], { cwd: checkout }).flatMap((page) =>
    [...readFileSync(join(checkout, page), 'utf8').matchAll(/^```ts\n(.*?)^```/gms)]
      .map(([, code = '']) => code)
      .filter((code) => /from 'dr-drill/.test(code))
      .map((code, index) => [`${page.replaceAll(/\W/g, '-')}-${index + 1}.mts`, code]),
  )
  return Object.fromEntries(examples)
}

/** Returns what the compiler finds wrong in code of a project. */
function typeErrors(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(scratch, 'project-'))
  const options = {
    extends: join(checkout, 'tsconfig.json'),
    compilerOptions: {
      paths: { 'dr-drill': [join(checkout, 'src/index.ts')], 'dr-drill/steps': [join(checkout, 'steps/index.ts')] },
    },
    include: ['**/*.mts'],
  }
  for (const [name, content] of Object.entries({ ...files, 'tsconfig.json': JSON.stringify(options) })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  const { stdout } = spawnSync(join(checkout, 'node_modules/.bin/tsc'), ['--noEmit'], { cwd: folder, encoding: 'utf8' })
  return stdout
}

it('the code of a new project, and the examples of the guide, have the right types', () => {
  const code = Object.entries(projectFiles('new', {})).filter(([name]) => name.endsWith('.mts'))
  const examples = examplesOfGuide()
  assert.ok(code.length >= 4 && Object.keys(examples).length >= 1)
  assert.equal(typeErrors({ ...Object.fromEntries(code), ...examples }), '')
})

it('code with wrong types is found', () => {
  assert.match(
    typeErrors({ 'wrong.mts': "import { pass } from 'dr-drill'\npass('all is well')\n" }),
    /wrong\.mts.*TS2554/,
  )
})
