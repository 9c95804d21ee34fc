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
import { isSupportedNode } from './supported-node.ts'

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
  it('without a configuration has the steps of dr-drill, and all code in steps/ and features/', () => {
    const folder = project({ 'steps/a.ts': '', 'steps/a.test.ts': '', 'steps/b.d.ts': '', 'features/c.js': '' })
    const { stepFiles, hasPublishedSteps, topologyFolder, config } = openProject(folder)
    assert.deepEqual(stepFiles.slice(1), ['features/c.js', 'steps/a.ts'])
    assert.ok(existsSync(join(folder, stepFiles[0] ?? '')))
    assert.match(stepFiles[0] ?? '', /steps\/index\.ts$/)
    assert.ok(hasPublishedSteps)
    assert.equal(topologyFolder, join(folder, 'topologies'))
    assert.equal(config.features, undefined)
  })

  it('names its steps by folder, file or pattern', () => {
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

  it('can have its configuration in another file', () => {
    const folder = project({ 'ci/drill.yaml': 'parallel: 2', 'dr-drill.config.yaml': 'parallel: 1' })
    assert.equal(openProject(folder, 'ci/drill.yaml').config.parallel, 2)
    refuses(() => openProject(folder, 'ci/gone.yaml'), /^ci\/gone\.yaml: cannot be read: ENOENT/)
  })

  it('is refused if it names missing files, or if its configuration has another name', () => {
    const config = 'features: [featurs]\nsteps: [dr-drill/steps, "stpes/**"]\ntopologies: sites\n'
    refuses(
      () => openProject(project({ 'dr-drill.config.yaml': config, 'features/a.feature': '', sites: 'no folder' })),
      /^dr-drill\.config\.yaml: features\.0: featurs does not exist\n.*steps\.1: no steps in stpes.*\n.*topologies: the folder sites does not exist\n/,
    )
    refuses(() => openProject(project({ 'dr-drill.config.yml': '' })), /^dr-drill\.config\.yml is not read/)
  })

  it('is refused if its steps import another copy of Cucumber', () => {
    const copy = { 'node_modules/@cucumber/cucumber/package.json': '{"name":"@cucumber/cucumber","version":"13.0.0"}' }
    const folder = project(copy)
    refuses(() => openProject(folder), /two copies of @cucumber\/cucumber[^]*npx dr-drill run/)
  })
})

describe('a new project', () => {
  it('is valid', () => {
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
    assert.deepEqual(openProject(folder).stepFiles.slice(1), ['steps/own.mts'])
  })

  it('is not written if one of its files exists, and the error names it', () => {
    const folder = project({ 'README.md': 'mine', 'steps/own.mts': 'mine' })
    refuses(() => initProject(folder), /nothing was written.*own\.mts.*README\.md/)
    assert.deepEqual(readdirSync(folder).sort(), ['README.md', 'steps'])
    refuses(() => initProject(join(folder, 'README.md', 'inside')), /cannot write .*ENOTDIR/)
  })

  it('keeps an existing package.json, and names the packages that it lacks', () => {
    const folder = project({ 'package.json': '{"name":"mine"}' })
    const { written, next } = initProject(folder)
    assert.ok(!written.includes('package.json'))
    assert.equal(readFileSync(join(folder, 'package.json'), 'utf8'), '{"name":"mine"}')
    assert.deepEqual(next.slice(1), [
      "npm install --save-dev '@cucumber/cucumber@>=13' 'dr-drill@^0.1.0'",
      'npx dr-drill run',
    ])
  })

  it('does not replace a dr-drill that was installed from a file, unless another one was asked for', () => {
    const next = (manifest: object, from?: string) =>
      initProject(project({ 'package.json': JSON.stringify(manifest) }), { from }).next[1]
    const ours = { dependencies: { 'dr-drill': 'file:../dr-drill-0.1.0.tgz' } }
    const cucumber = { devDependencies: { '@cucumber/cucumber': '^13.0.0' } }
    assert.equal(next(ours), "npm install --save-dev '@cucumber/cucumber@>=13'")
    assert.equal(next({ ...ours, ...cucumber }), 'npx dr-drill run')
    assert.equal(next(cucumber, '1.2.3'), 'npm install --save-dev dr-drill@1.2.3')
    assert.equal(next({ ...ours, ...cucumber }, '1.2.3'), 'npm install --save-dev dr-drill@1.2.3')
  })

  it('can have dr-drill from a file', () => {
    const folder = project({})
    const tarball = join(scratch, 'dr-drill-0.1.0.tgz')
    cpSync(import.meta.filename, tarball)
    initProject(join(folder, 'drills'), { from: tarball })
    const { devDependencies } = JSON.parse(readFileSync(join(folder, 'drills/package.json'), 'utf8'))
    assert.equal(devDependencies['dr-drill'], 'file:../../dr-drill-0.1.0.tgz')
  })

  it('gets a Node of its own where Node is too old', () => {
    const node = `node-${process.platform}-${process.arch}`
    const folder = join(scratch, 'old-node')
    assert.equal(initProject(folder, { nodeVersion: 'v20.20.2' }).install, undefined)
    const { devDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    assert.equal(devDependencies[node], '^24')
    const existing = { devDependencies: { '@cucumber/cucumber': '^13', 'dr-drill': '^0.1.0' } }
    const { install, next } = initProject(project({ 'package.json': JSON.stringify(existing) }), {
      nodeVersion: 'v20.20.2',
    })
    assert.deepEqual(install, ['--save-dev', `${node}@^24`])
    assert.deepEqual(next.slice(1), ['npx dr-drill run'])
  })
})

describe('the supported versions of Node', () => {
  it('are those of package.json', () => {
    const { engines } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'))
    assert.equal(engines.node, '24 || >=26')
    const versions = ['v18.20.0', 'v20.20.2', 'v22.1.0', 'v24.0.0', 'v25.1.0', 'v26.0.0', 'v30.2.0']
    assert.deepEqual(versions.filter(isSupportedNode), ['v24.0.0', 'v26.0.0', 'v30.2.0'])
  })
})

describe('the schemas for editors', () => {
  it('allow the keys of the configuration, and no others', () => {
    const config = schemas['config.json'] as { properties: object; additionalProperties: boolean; required?: string[] }
    assert.deepEqual(Object.keys(config.properties).sort(), [
      'engine',
      'features',
      'maxVerdictAge',
      'objectives',
      'parallel',
      'recovery',
      'reports',
      'steps',
      'timestampAuthority',
      'topologies',
    ])
    assert.equal(config.additionalProperties, false)
    assert.equal(config.required, undefined)
    assert.match(JSON.stringify(schemas['topology.json']), /"memoryMib"/)
  })
})
