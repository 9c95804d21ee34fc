import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { InputError } from '../errors.ts'
import { parseTopology } from '../lab/topology/topology.ts'
import { parseConfig } from './config.ts'
import { initProject } from './init.ts'
import { openProject } from './project.ts'
import { schemas } from './schemas.ts'

const scratch = mkdtempSync(join(tmpdir(), 'dr-drill-project-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

let count = 0
function project(files: Readonly<Record<string, string>>): string {
  const folder = join(scratch, `p${++count}`)
  mkdirSync(folder)
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

const refuses = (act: () => unknown, says: RegExp): void =>
  assert.throws(act, (error) => error instanceof InputError && says.test(`${error.message}\n${error.remedy}`))

describe('a project', () => {
  it('needs no configuration: the steps of dr-drill, and its own below steps/ and features/', () => {
    const folder = project({ 'steps/a.ts': '', 'steps/a.test.ts': '', 'steps/b.d.ts': '', 'features/c.js': '' })
    const { stepFiles, hasPublishedSteps, topologyFolder, config } = openProject(folder)
    assert.deepEqual(stepFiles.slice(1), ['features/c.js', 'steps/a.ts'])
    assert.ok(existsSync(join(folder, stepFiles[0] ?? '')))
    assert.match(stepFiles[0] ?? '', /steps\/index\.ts$/)
    assert.ok(hasPublishedSteps)
    assert.equal(topologyFolder, join(folder, 'topologies'))
    assert.equal(config.features, undefined)
  })

  it('says where its steps are, by folder, file or pattern', () => {
    const folder = project({
      'dr-drill.config.yaml': 'steps: [own, more/x.js, "other/*.ts"]',
      'own/deep/a.ts': '',
      'more/x.js': '',
      'more/y.js': '',
      'other/b.ts': '',
    })
    const { stepFiles, hasPublishedSteps } = openProject(folder)
    assert.deepEqual(stepFiles, ['own/deep/a.ts', 'more/x.js', 'other/b.ts'])
    assert.equal(hasPublishedSteps, false)
  })

  it('may have its configuration in another file', () => {
    const folder = project({ 'ci/drill.yaml': 'parallel: 2', 'dr-drill.config.yaml': 'parallel: 1' })
    assert.equal(openProject(folder, 'ci/drill.yaml').config.parallel, 2)
    refuses(() => openProject(folder, 'ci/gone.yaml'), /^ci\/gone\.yaml: cannot be read: ENOENT/)
  })

  it('is refused when it names what there is not, or names its configuration otherwise', () => {
    const config = 'features: [featurs]\nsteps: [dr-drill/steps, "stpes/**"]\ntopologies: sites\n'
    refuses(
      () => openProject(project({ 'dr-drill.config.yaml': config, 'features/a.feature': '', sites: 'no folder' })),
      /^dr-drill\.config\.yaml: features\.0: there is no featurs\n.*steps\.1: there are no steps in stpes.*\n.*topologies: there is no folder sites\n/,
    )
    refuses(() => openProject(project({ 'dr-drill.config.yml': '' })), /^dr-drill\.config\.yml is not read/)
  })

  it('is refused when its steps import another copy of Cucumber', () => {
    const copy = { 'node_modules/@cucumber/cucumber/package.json': '{"name":"@cucumber/cucumber","version":"13.0.0"}' }
    const folder = project(copy)
    refuses(() => openProject(folder), /two copies of @cucumber\/cucumber[^]*npx dr-drill run/)
  })
})

describe('a new project', () => {
  it('is sound', () => {
    const folder = join(scratch, 'My Drills')
    const { written, next } = initProject(folder)
    for (const name of written) assert.ok(existsSync(join(folder, name)), name)
    assert.deepEqual(next, [`cd ${folder}`, 'npm install', 'npx dr-drill run'])
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    assert.equal(manifest.name, 'my-drills')
    assert.deepEqual(Object.keys(manifest.devDependencies).sort(), ['@cucumber/cucumber', 'dr-drill'])
    const read = (name: string) => readFileSync(join(folder, name), 'utf8')
    assert.deepEqual(parseConfig(read('dr-drill.config.yaml'), 'f').objectives, { recoveryTimeMs: 900_000 })
    const { sites } = parseTopology(read('topologies/two-sites.yaml'), 'f')
    assert.deepEqual(
      sites.map(({ name }) => name),
      ['primary', 'recovery'],
    )
    assert.equal(openProject(folder).stepFiles.at(-1), 'steps/own.ts')
  })

  it('names the files that are there, and writes nothing', () => {
    const folder = project({ 'README.md': 'mine', 'steps/own.ts': 'mine' })
    refuses(() => initProject(folder), /nothing was written.*own\.ts.*README\.md/)
    assert.deepEqual(readdirSync(folder).sort(), ['README.md', 'steps'])
    refuses(() => initProject(join(folder, 'README.md', 'inside')), /cannot write .*ENOTDIR/)
  })

  it('leaves a package.json alone, and says what it has to say', () => {
    const folder = project({ 'package.json': '{"name":"mine"}' })
    const { written, next } = initProject(folder)
    assert.ok(!written.includes('package.json'))
    assert.equal(readFileSync(join(folder, 'package.json'), 'utf8'), '{"name":"mine"}')
    assert.deepEqual(next.slice(1), [
      'npm pkg set type=module',
      "npm install --save-dev '@cucumber/cucumber@>=13' 'dr-drill@^0.1.0'",
      'npx dr-drill run',
    ])
  })

  it('says of a package.json what it lacks: not dr-drill that was installed from a file before', () => {
    const next = (manifest: object, from?: string) => {
      const folder = project({ 'package.json': JSON.stringify({ type: 'module', ...manifest }) })
      return initProject(folder, from).next[1]
    }
    const ours = { dependencies: { 'dr-drill': 'file:../dr-drill-0.1.0.tgz' } }
    const cucumber = { devDependencies: { '@cucumber/cucumber': '^13.0.0' } }
    assert.equal(next(ours), "npm install --save-dev '@cucumber/cucumber@>=13'")
    assert.equal(next({ ...ours, ...cucumber }), 'npm install')
    assert.equal(next(cucumber, '1.2.3'), 'npm install --save-dev dr-drill@1.2.3')
    assert.equal(next({ ...ours, ...cucumber }, '1.2.3'), 'npm install --save-dev dr-drill@1.2.3')
  })

  it('may have dr-drill from a file', () => {
    const folder = project({})
    const tarball = join(scratch, 'dr-drill-0.1.0.tgz')
    cpSync(import.meta.filename, tarball)
    initProject(join(folder, 'drills'), tarball)
    const { devDependencies } = JSON.parse(readFileSync(join(folder, 'drills/package.json'), 'utf8'))
    assert.equal(devDependencies['dr-drill'], 'file:../../dr-drill-0.1.0.tgz')
  })
})

describe('the schemas for editors', () => {
  it('know every key, and no others', () => {
    const config = schemas['config.json'] as { properties: object; additionalProperties: boolean; required?: string[] }
    assert.deepEqual(Object.keys(config.properties).sort(), [
      'engine',
      'features',
      'objectives',
      'parallel',
      'recovery',
      'reports',
      'steps',
      'topologies',
    ])
    assert.equal(config.additionalProperties, false)
    assert.equal(config.required, undefined)
    assert.match(JSON.stringify(schemas['topology.json']), /"memoryMib"/)
  })
})
