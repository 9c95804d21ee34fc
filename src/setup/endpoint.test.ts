import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createNetServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { InputError } from '../errors.ts'
import { endpoints, queryEngine } from './endpoint.ts'

const at = (address: string) => ({ address, isGiven: true })

describe('the endpoints of container engines', () => {
  it('are only DOCKER_HOST if it is set', () => {
    assert.deepEqual(endpoints({ DOCKER_HOST: 'tcp://10.0.0.1:2375' }), [at('tcp://10.0.0.1:2375')])
  })

  it('begin with the usual socket otherwise', () => {
    assert.deepEqual(endpoints({})[0], { address: 'unix:///var/run/docker.sock', isGiven: false })
  })
})

describe('a query to a container engine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dr-drill-engine-'))
  after(() => rmSync(folder, { recursive: true }))

  const serve = async (listen: { path: string } | { port: number; host: string }, status = 200) => {
    const server = createServer((request, response) => {
      response.statusCode = status
      response.end(request.url === '/version' ? '{"Version":"28.0.1"}' : '')
    })
    await new Promise<void>((resolve) => server.listen(listen, resolve))
    return server
  }

  it('returns the version, over a socket and over TCP', async () => {
    await using socket = await serve({ path: join(folder, 'engine.sock') })
    assert.deepEqual(await queryEngine(at(`unix://${socket.address()}`)), { kind: 'answers', version: '28.0.1' })
    await using tcp = await serve({ port: 0, host: '127.0.0.1' })
    const { port } = tcp.address() as AddressInfo
    assert.deepEqual(await queryEngine(at(`tcp://127.0.0.1:${port}`), {}), { kind: 'answers', version: '28.0.1' })
  })

  it('returns why there is no answer, for a missing socket, an HTTP error and a timeout', async () => {
    assert.equal((await queryEngine(at(`unix://${folder}/missing.sock`))).kind, 'silent')
    await using broken = await serve({ path: join(folder, 'broken.sock') }, 500)
    assert.deepEqual(await queryEngine(at(`unix://${broken.address()}`)), { kind: 'silent', why: 'HTTP status 500' })
    await using mute = createNetServer((socket) => socket.resume()).listen(join(folder, 'mute.sock'))
    const answer = await queryEngine(at(`unix://${mute.address()}`), {}, 100)
    assert.deepEqual(answer, { kind: 'silent', why: 'no answer within 100 ms' })
  })

  it('returns that this user may not use the engine', {
    skip: process.getuid?.() === 0 && 'root may use every engine',
  }, async () => {
    await using closed = await serve({ path: join(folder, 'closed.sock') })
    chmodSync(join(folder, 'closed.sock'), 0)
    assert.deepEqual(await queryEngine(at(`unix://${closed.address()}`)), { kind: 'denied' })
  })

  it('refuses a malformed address', async () => {
    await assert.rejects(queryEngine(at('ssh://host')), InputError)
    await assert.rejects(queryEngine(at('nonsense')), InputError)
  })
})
