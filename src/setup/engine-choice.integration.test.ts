import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { type Endpoint, endpoints } from './endpoint.ts'
import { chooseEngine } from './engine-choice.ts'

const folder = mkdtempSync(join(tmpdir(), 'dr-drill-choice-'))
after(() => rmSync(folder, { recursive: true }))
chmodSync(folder, 0o755)

const at = (name: string): Endpoint => ({ address: `unix://${join(folder, name)}`, isGiven: false })

/** An engine at a socket that users may connect to, or root alone. */
async function serve(name: string, mode: number) {
  const server = createServer((_, response) => response.end('{"Version":"28.0.1"}'))
  await new Promise<void>((resolve) => server.listen(join(folder, name), resolve))
  chmodSync(join(folder, name), mode)
  return server
}

async function choose(choice: 'auto' | 'container', places: readonly Endpoint[]) {
  const said: string[] = []
  return { engine: await chooseEngine(choice, (line) => said.push(line), places), said }
}

describe('the engine when none is named', () => {
  it('is a container engine that answers, and nothing is said of it', async () => {
    await using _engine = await serve('answers.sock', 0o666)
    assert.deepEqual(await choose('auto', [at('nobody.sock'), at('answers.sock')]), { engine: 'container', said: [] })
  })

  it('is embedded where none answers', async () => {
    const said = ['no container engine answers: labs are embedded']
    assert.deepEqual(await choose('auto', [at('nobody.sock')]), { engine: 'embedded', said })
  })

  it('is embedded where DOCKER_HOST leads nowhere, which is said', async () => {
    for (const DOCKER_HOST of [`unix://${folder}/nobody.sock`, 'nonsense', 'ssh://host']) {
      const { engine, said } = await choose('auto', endpoints({ DOCKER_HOST }))
      assert.equal(engine, 'embedded')
      assert.match(said.join('\n'), /^DOCKER_HOST is .*: labs are embedded$/)
    }
  })
})

it('an engine that is named is taken at its word', async () => {
  assert.deepEqual(await choose('container', [at('nobody.sock')]), { engine: 'container', said: [] })
})

const nobody = { uid: 65534, gid: 65534, cwd: '/' }
const isRoot = process.getuid?.() === 0
const canBeNobody = isRoot && spawnSync(process.execPath, ['--check', import.meta.filename], nobody).status === 0

describe('the engine of a user who may not use that of the machine', {
  skip: !canBeNobody && 'needs root, to be another user',
}, () => {
  /** What that user is given, and told. */
  const chooseAsNobody = async (places: readonly Endpoint[]) => {
    const program = `
      const { chooseEngine } = await import(${JSON.stringify(import.meta.resolve('./engine-choice.ts'))})
      const said = []
      const engine = await chooseEngine('auto', (line) => said.push(line), ${JSON.stringify(places)})
      console.log(JSON.stringify({ engine, said }))`
    const options = { ...nobody, env: { ...process.env, NODE_V8_COVERAGE: '' } }
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], options)
    return JSON.parse(stdout) as unknown
  }

  it('is one of his own', async () => {
    await using _machine = await serve('machine.sock', 0o600)
    await using _own = await serve('own.sock', 0o666)
    const expected = { engine: 'container', said: [] }
    assert.deepEqual(await chooseAsNobody([at('machine.sock'), at('own.sock')]), expected)
  })

  it('is embedded where he has none, and he is told why', async () => {
    await using _machine = await serve('closed.sock', 0o600)
    const { address } = at('closed.sock')
    const said = [`this user may not use the container engine at ${address}: labs are embedded`]
    assert.deepEqual(await chooseAsNobody([at('closed.sock'), at('nobody.sock')]), { engine: 'embedded', said })
  })
})
