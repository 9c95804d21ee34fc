import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createNetServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { InputError } from '../errors.ts'
import { ask, endpoints } from './endpoint.ts'

const at = (address: string) => ({ address, isGiven: true })

describe('where an engine may be', () => {
  it('is where DOCKER_HOST says, and nowhere else', () => {
    assert.deepEqual(endpoints({ DOCKER_HOST: 'tcp://10.0.0.1:2375' }), [at('tcp://10.0.0.1:2375')])
  })

  it('is the usual socket otherwise', () => {
    assert.deepEqual(endpoints({})[0], { address: 'unix:///var/run/docker.sock', isGiven: false })
  })
})

describe('asking an engine', () => {
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

  it('gives its version, over a socket and over TCP', async () => {
    await using socket = await serve({ path: join(folder, 'engine.sock') })
    assert.deepEqual(await ask(at(`unix://${socket.address()}`)), { kind: 'answers', version: '28.0.1' })
    await using tcp = await serve({ port: 0, host: '127.0.0.1' })
    const { port } = tcp.address() as AddressInfo
    assert.deepEqual(await ask(at(`tcp://127.0.0.1:${port}`), {}), { kind: 'answers', version: '28.0.1' })
  })

  it('tells nobody there, an error and a silence apart from an answer', async () => {
    assert.equal((await ask(at(`unix://${folder}/nobody.sock`))).kind, 'silent')
    await using broken = await serve({ path: join(folder, 'broken.sock') }, 500)
    assert.deepEqual(await ask(at(`unix://${broken.address()}`)), { kind: 'silent', why: 'it answered 500' })
    await using mute = createNetServer((socket) => socket.resume()).listen(join(folder, 'mute.sock'))
    const answer = await ask(at(`unix://${mute.address()}`), {}, 100)
    assert.deepEqual(answer, { kind: 'silent', why: 'no answer within 100 ms' })
  })

  it('says when the engine is not for this user', {
    skip: process.getuid?.() === 0 && 'root may use any',
  }, async () => {
    await using closed = await serve({ path: join(folder, 'closed.sock') })
    chmodSync(join(folder, 'closed.sock'), 0)
    assert.deepEqual(await ask(at(`unix://${closed.address()}`)), { kind: 'denied' })
  })

  it('refuses an address that is none', async () => {
    await assert.rejects(ask(at('ssh://host')), InputError)
    await assert.rejects(ask(at('nonsense')), InputError)
  })
})
