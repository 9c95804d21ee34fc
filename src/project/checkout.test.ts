import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { prepareSuite } from '../run/suite.ts'
import { openProject } from './project.ts'

const checkout = join(import.meta.dirname, '../..')

it('publishes every step and every parameter type', () => {
  const folder = join(checkout, 'steps')
  const index = readFileSync(join(folder, 'index.ts'), 'utf8')
  const imported = [...index.matchAll(/^import '\.\/(.*)'$/gm)].map(([, file]) => file)
  const defining = globSync('**/*.ts', { cwd: folder }).filter((file) =>
    /^(Given|When|Then|defineParameterType|setWorldConstructor)\(/m.test(readFileSync(join(folder, file), 'utf8')),
  )
  assert.ok(defining.length > 10)
  assert.deepEqual(imported.sort(), defining.sort())
})

it('is drilled with nothing but the published steps', async () => {
  const { folder, config, stepFiles, topologyFolder } = openProject(checkout)
  const { scenarios } = await prepareSuite({
    project: folder,
    paths: config.features ?? [],
    names: [],
    steps: stepFiles.slice(0, 1),
    stepsAreDefault: false,
    parameters: { topologies: topologyFolder, project: folder },
  })
  assert.ok(scenarios.length > 30)
})
