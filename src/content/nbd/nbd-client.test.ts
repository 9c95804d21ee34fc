import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { NbdClient } from './nbd-client.ts'

const folder = mkdtempSync(join(tmpdir(), 'nbd-'))
after(() => rmSync(folder, { recursive: true }))

const u16 = (value: number) => Buffer.from([value >> 8, value & 255])
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const u64 = (value: bigint | number) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}
const hex = (text: string) => Buffer.from(text, 'hex')

const sizeBytes = 2 ** 20
const greeting = Buffer.concat([Buffer.from('NBDMAGICIHAVEOPT'), u16(3)])
const reply = (option: number, type: number, data = Buffer.alloc(0)) =>
  Buffer.concat([hex('0003e889045565a9'), u32(option), u32(type), u32(data.length), data])
const structured = reply(8, 1)
const contexts = Buffer.concat([reply(10, 4, Buffer.concat([u32(7), Buffer.from('base:allocation')])), reply(10, 1)])
const exported = (size: bigint | number, flags = 1 | 2 | 128) =>
  Buffer.concat([reply(7, 3, Buffer.concat([u16(0), u64(size), u16(flags)])), reply(7, 1)])
const sound = Buffer.concat([greeting, structured, contexts, exported(sizeBytes)])

/** A structured reply in one chunk. The first request of a client has the cookie 1. */
const chunk = (type: number, data: Buffer, { flags = 1, cookie = 1n } = {}) =>
  Buffer.concat([hex('668e33ef'), u16(flags), u16(type), u64(cookie), u32(data.length), data])
const data = (offset: number, length: number, options = {}) =>
  chunk(1, Buffer.concat([u64(offset), Buffer.alloc(length, 1)]), options)
const extents = (...pairs: readonly (readonly [length: number, flags: number])[]) =>
  chunk(5, Buffer.concat([u32(7), ...pairs.flatMap(([length, flags]) => [u32(length), u32(flags)])]))

let sockets = 0

/** A server that sends `hello` at once, answers the first request with `answer`, and may hang up. */
async function serverThat(hello: Buffer, answer: Buffer, hangsUp = false) {
  const path = join(folder, `${++sockets}`)
  const connections: Socket[] = []
  const server = createServer((socket) => {
    connections.push(socket)
    socket.on('error', () => {})
    socket.write(hello)
    let seen = Buffer.alloc(0)
    socket.on('data', (bytes) => {
      const isFirst = seen.indexOf(hex('25609513')) === -1
      seen = Buffer.concat([seen, bytes])
      if (!isFirst || seen.indexOf(hex('25609513')) === -1) return
      if (hangsUp) socket.end(answer)
      else socket.write(answer)
    })
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return {
    path,
    [Symbol.dispose]() {
      server.close()
      for (const socket of connections) socket.destroy()
    },
  }
}

async function readFrom(answer: Buffer, hangsUp = false): Promise<Buffer> {
  using server = await serverThat(sound, answer, hangsUp)
  using client = await NbdClient.connect(server.path, 300)
  const target = Buffer.alloc(4096)
  await client.read(8192, target)
  return target
}

async function extentsFrom(answer: Buffer) {
  using server = await serverThat(sound, answer)
  using client = await NbdClient.connect(server.path, 300)
  return await client.extents(8192, 4096)
}

describe('an answer of an NBD server', () => {
  const ones = Buffer.alloc(4096, 1)
  it('may have data in one piece, in pieces of any order, and holes', async () => {
    assert.deepEqual(await readFrom(data(8192, 4096)), ones)
    const none = chunk(0, Buffer.alloc(0))
    const pieces = [data(10_240, 2048, { flags: 0 }), data(8192, 2048, { flags: 0 }), none]
    assert.deepEqual(await readFrom(Buffer.concat(pieces)), ones)
    const hole = chunk(2, Buffer.concat([u64(8192), u32(4096)]))
    assert.deepEqual(await readFrom(hole), Buffer.alloc(4096))
  })
  it('may have extents beyond the request', async () => {
    assert.deepEqual(await extentsFrom(extents([1024, 3], [1_000_000, 0])), [
      { offset: 8192, lengthBytes: 1024, isZero: true },
      { offset: 9216, lengthBytes: 3072, isZero: false },
    ])
    // A hole alone does not state what it reads as.
    assert.deepEqual(await extentsFrom(extents([512, 1])), [{ offset: 8192, lengthBytes: 512, isZero: false }])
  })
  it('may be an error, after which the connection continues', async () => {
    const error = chunk(32_769, Buffer.concat([u32(5), u16(3), Buffer.from('bad')]))
    using server = await serverThat(sound, Buffer.concat([error, data(0, 512, { cookie: 2n })]))
    using client = await NbdClient.connect(server.path, 300)
    const [one, other] = [client.read(4096, Buffer.alloc(512)), client.read(0, Buffer.alloc(512))]
    await assert.rejects(one, { name: 'ReplyError', errno: 5, offset: 4096, reported: 'bad' })
    await other
    const simple = Buffer.concat([hex('67446698'), u32(22), u64(1)])
    await assert.rejects(readFrom(simple), { name: 'ReplyError', errno: 22 })
  })
})

describe('an NBD server that violates the protocol is not trusted', () => {
  const none = Buffer.alloc(0)
  const answers: Readonly<Record<string, Buffer>> = {
    'data from somewhere else': data(0, 4096),
    'more data than was asked for': data(8192, 4097),
    'data of 4 GiB': Buffer.concat([hex('668e33ef'), u16(1), u16(1), u64(1), u32(0xff_ff_ff_ff), Buffer.alloc(64)]),
    'less data than was asked for': data(8192, 4095),
    'no data at all': chunk(0, none),
    'the same data twice': Buffer.concat([data(8192, 4096, { flags: 0 }), data(8192, 4096)]),
    'data that overlaps, as much as was asked for': Buffer.concat([data(8192, 2048, { flags: 0 }), data(9216, 2048)]),
    'data of no length': data(8192, 0),
    'a hole that is too long': chunk(2, Buffer.concat([u64(8192), u32(0xff_ff_ff_ff)])),
    'a hole at an end beyond all numbers': chunk(2, Buffer.concat([u64(2n ** 64n - 1n), u32(1)])),
    'an answer to somebody else': data(8192, 4096, { cookie: 2n }),
    'block status of data': extents([4096, 0]),
    'an unknown chunk': chunk(9, none),
    'a chunk that says nothing and is not the last': chunk(0, none, { flags: 0 }),
    'an error of 4 GiB': Buffer.concat([hex('668e33ef'), u16(1), u16(32_769), u64(1), u32(0xff_ff_ff_ff)]),
    'a simple reply without an error': Buffer.concat([hex('67446698'), u32(0), u64(1), Buffer.alloc(4096)]),
    'no reply at all': Buffer.alloc(64, 7),
    'pieces without end': Buffer.concat(Array.from({ length: 3000 }, (_, at) => data(8192 + at, 1, { flags: 0 }))),
  }
  for (const [name, answer] of Object.entries(answers))
    it(name, () => assert.rejects(readFrom(answer), { name: 'ProtocolError' }))

  const statuses: Readonly<Record<string, Buffer>> = {
    'an extent of no length': extents([0, 0]),
    'no extent': chunk(5, u32(7)),
    'half an extent': chunk(5, Buffer.concat([u32(7), u32(4096)])),
    'block status of another context': chunk(5, Buffer.concat([u32(8), u32(4096), u32(0)])),
    'data for block status': data(8192, 4096),
    'nothing for block status': chunk(0, none),
  }
  for (const [name, answer] of Object.entries(statuses))
    it(name, () => assert.rejects(extentsFrom(answer), { name: 'ProtocolError' }))

  const hellos: Readonly<Record<string, Buffer>> = {
    'another magic number': Buffer.from('NBDMAGICIHAVENOT\0\x03'),
    'no fixed newstyle': Buffer.concat([Buffer.from('NBDMAGICIHAVEOPT'), u16(0)]),
    'no structured replies': Buffer.concat([greeting, reply(8, 2 ** 31 + 1)]),
    'an answer to another option': Buffer.concat([greeting, reply(9, 1)]),
    'an answer of 4 GiB': Buffer.concat([greeting, hex('0003e889045565a9'), u32(8), u32(1), u32(0xff_ff_ff_ff)]),
    'answers without end': Buffer.concat([greeting, structured, ...Array(100).fill(reply(10, 4, u32(7)))]),
    'no export': Buffer.concat([greeting, structured, contexts, reply(7, 2 ** 31 + 6)]),
    'an export that is not described': Buffer.concat([greeting, structured, contexts, reply(7, 1)]),
    'an export that can be written to': Buffer.concat([greeting, structured, contexts, exported(512, 1)]),
    'an export beyond all numbers': Buffer.concat([greeting, structured, contexts, exported(2n ** 63n)]),
  }
  for (const [name, hello] of Object.entries(hellos))
    it(name, async () => {
      using server = await serverThat(hello, none)
      await assert.rejects(NbdClient.connect(server.path, 300), { name: 'ProtocolError' })
    })
})

describe('an NBD server that disappears', () => {
  it('may hang up', async () => {
    await assert.rejects(readFrom(data(8192, 4096).subarray(0, 100), true), { name: 'DisconnectedError' })
    await assert.rejects(readFrom(Buffer.alloc(0), true), { name: 'DisconnectedError' })
  })
  it('may be silent', async () => {
    await assert.rejects(readFrom(data(8192, 4096).subarray(0, 100)), { name: 'StalledError' })
    await assert.rejects(readFrom(Buffer.alloc(0)), { name: 'StalledError' })
    using server = await serverThat(greeting, Buffer.alloc(0))
    await assert.rejects(NbdClient.connect(server.path, 300), { name: 'StalledError' })
  })
  it('may have no socket', async () => {
    await assert.rejects(NbdClient.connect(join(folder, 'none'), 300), { code: 'ENOENT' })
  })
  it('may be silent for any time while no request is open', async () => {
    using server = await serverThat(sound, data(8192, 4096))
    using client = await NbdClient.connect(server.path, 100)
    await new Promise((resolve) => setTimeout(resolve, 300))
    await client.read(8192, Buffer.alloc(4096))
  })
})
