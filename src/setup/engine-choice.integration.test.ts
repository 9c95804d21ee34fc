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

/** Serves the version of an engine at a socket with the permissions `mode`. */
async function serve(name: string, mode: number) {
  const server = createServer((_, response) => response.end('{"Version":"28.0.1"}'))
  await new Promise<void>((resolve) => server.listen(join(folder, name), resolve))
  chmodSync(join(folder, name), mode)
  return server
}

async function choose(choice: 'auto' | 'container', places: readonly Endpoint[]) {
  const printed: string[] = []
  return { engine: await chooseEngine(choice, (line) => printed.push(line), places), printed }
}

describe('the engine, where the user named none,', () => {
  it('is a container engine that answers, and nothing is printed', async () => {
    await using _engine = await serve('answers.sock', 0o666)
    assert.deepEqual(await choose('auto', [at('missing.sock'), at('answers.sock')]), {
      engine: 'container',
      printed: [],
    })
  })

  it('is the embedded engine where no container engine answers', async () => {
    const printed = ['no container engine answers; using the embedded engine']
    assert.deepEqual(await choose('auto', [at('missing.sock')]), { engine: 'embedded', printed })
  })

  it('is the embedded engine where DOCKER_HOST is wrong, and this is printed', async () => {
    for (const DOCKER_HOST of [`unix://${folder}/missing.sock`, 'nonsense', 'ssh://host']) {
      const { engine, printed } = await choose('auto', endpoints({ DOCKER_HOST }))
      assert.equal(engine, 'embedded')
      assert.match(printed.join('\n'), /^DOCKER_HOST is .*; using the embedded engine$/)
    }
  })
})

it('an engine that the user named is used without a query', async () => {
  assert.deepEqual(await choose('container', [at('missing.sock')]), { engine: 'container', printed: [] })
})

const otherUser = { uid: 65534, gid: 65534, cwd: '/' }
const isRoot = process.getuid?.() === 0
const canChangeUser = isRoot && spawnSync(process.execPath, ['--check', import.meta.filename], otherUser).status === 0

describe('the engine of a user who may not use the engine of the machine', {
  skip: !canChangeUser && 'needs root, to become another user',
}, () => {
  /** Chooses as that user. */
  const chooseAsOtherUser = async (places: readonly Endpoint[]) => {
    const program = `
      const { chooseEngine } = await import(${JSON.stringify(import.meta.resolve('./engine-choice.ts'))})
      const printed = []
      const engine = await chooseEngine('auto', (line) => printed.push(line), ${JSON.stringify(places)})
      console.log(JSON.stringify({ engine, printed }))`
    const options = { ...otherUser, env: { ...process.env, NODE_V8_COVERAGE: '' } }
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], options)
    return JSON.parse(stdout) as unknown
  }

  it('is an engine of this user that answers', async () => {
    await using _machine = await serve('machine.sock', 0o600)
    await using _own = await serve('own.sock', 0o666)
    const expected = { engine: 'container', printed: [] }
    assert.deepEqual(await chooseAsOtherUser([at('machine.sock'), at('own.sock')]), expected)
  })

  it('is the embedded engine where this user has none, and the reason is printed', async () => {
    await using _machine = await serve('closed.sock', 0o600)
    const { address } = at('closed.sock')
    const printed = [`this user may not use the container engine at ${address}; using the embedded engine`]
    assert.deepEqual(await chooseAsOtherUser([at('closed.sock'), at('missing.sock')]), { engine: 'embedded', printed })
  })
})
