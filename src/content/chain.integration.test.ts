import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, describe, it } from 'node:test'
import type { ContentResult } from '../assess/judge/content-port.ts'
import { digestFile } from '../image/digest-file.ts'
import { persistently } from '../image/luks.fixture.ts'
import { type ContentReaderOptions, contentReader } from './read-content.ts'

const folder = mkdtempSync(join(tmpdir(), 'content-chain-'))
/** The folder with the folders of sockets. */
const scratch = join(folder, 'scratch')
mkdirSync(scratch)
process.env['TMPDIR'] = scratch
after(() => rmSync(folder, { recursive: true }))
afterEach(() => assert.deepEqual(readdirSync(scratch), [], 'nothing is left behind'))

const run = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
const create = (name: string, size: string, ...args: string[]) => {
  run('qemu-img', 'create', '-q', '-f', 'qcow2', ...args, join(folder, name), size)
  return join(folder, name)
}
const overlay = (name: string, parent: string, size: string, ...args: string[]) =>
  create(name, size, '-b', parent, '-F', 'qcow2', ...args)
const write = (path: string, ...commands: string[]) =>
  run('qemu-io', '-f', 'qcow2', ...commands.flatMap((command) => ['-c', command]), path)

function read(paths: readonly string[], options: ContentReaderOptions & { secretId?: string } = {}) {
  const { secretId, ...rest } = options
  const links = paths.map((path) => ({ path, virtualBytes: 0, ...(secretId !== undefined && { secretId }) }))
  return contentReader(rest)(links, { signal: new AbortController().signal })
}

async function readOut(path: string, ...args: string[]): Promise<string> {
  const raw = join(folder, 'out.raw')
  run(
    'qemu-img',
    'convert',
    ...(args.length === 0 ? ['-f', 'qcow2'] : args),
    '-O',
    'raw',
    ...(args.length === 0 ? [path] : []),
    raw,
  )
  const digest = await digestFile(raw)
  rmSync(raw)
  return digest
}

async function isContent(result: ContentResult, digest: string): Promise<void> {
  assert.deepEqual({ ...result, readBytes: 0 }, { kind: 'read', digest, readBytes: 0 })
}

const why = (result: ContentResult) =>
  result.kind === 'read' ? result : { ...result, why: result.why.replaceAll(folder, '') }

describe('a chain', () => {
  const base = create('base', '4M')
  write(base, 'write -q -P 1 0 3M', 'write -q -P 2 3900k 100k')

  it('reads as its upper link, which may be larger or smaller, or have zeroes over data', async () => {
    for (const [name, size, ...writes] of [
      ['same', '4M', 'write -q -P 3 1M 200k', 'write -q -z 2M 512k', 'discard -q 64k 64k'],
      ['larger', '9M', 'write -q -P 4 8M 4k'],
      ['smaller', '1000k', 'write -q -P 5 990k 3k'],
      ['short last block', '1049088', 'write -q -P 6 1048576 512'],
    ] as const) {
      const path = overlay(name, base, size)
      write(path, ...writes)
      await isContent(await read([path, base]), await readOut(path))
    }
  })
  it('reads through the given files, whatever the names in the images', async () => {
    const path = overlay('moved', base, '4M')
    write(path, 'write -q -P 7 1M 64k')
    const digest = await readOut(path)
    const moved = join(folder, 'elsewhere, "really"')
    renameSync(base, moved)
    try {
      await isContent(await read([path, moved]), digest)
      // Alone, it has zeroes in the place of its parent.
      const alone = await read([path])
      assert.equal(alone.kind, 'read')
      assert.notEqual(alone.kind === 'read' && alone.digest, digest)
    } finally {
      renameSync(moved, base)
    }
  })
  it('may be long, with subclusters and compressed clusters', async () => {
    const paths = [base]
    for (let link = 0; link < 40; link++) {
      const path = overlay(`link-${link}`, paths[0]!, '4M', ...(link % 2 ? ['-o', 'extended_l2=on'] : []))
      write(path, `write -q ${link % 3 === 2 ? '-c ' : ''}-P ${link + 1} ${(link % 40) * 64}k 64k`)
      // A file that ends with half a sector would be in doubt.
      truncateSync(path, Math.ceil(readFileSync(path).length / 512) * 512)
      paths.unshift(path)
    }
    await isContent(await read(paths), await readOut(paths[0]!))
  })
  it('costs nothing where it holds nothing', async () => {
    const path = create('huge', '8T', '-o', 'cluster_size=2M')
    write(path, 'write -q -P 1 7T 64k')
    const result = await read([path])
    assert.ok(result.kind === 'read' && result.readBytes <= 2 ** 21, JSON.stringify(result))
  })
})

describe('an incomplete chain', () => {
  it('is broken if an image is missing', async () => {
    const top = create('top', '1M')
    assert.deepEqual(why(await read([])), { kind: 'unknown', reason: 'unknown', why: 'a chain without images' })
    const none = join(folder, 'none')
    assert.deepEqual(why(await read([none])), { kind: 'broken', reason: 'image missing', why: '/none is missing' })
    const missing = await read([top, none])
    assert.deepEqual(why(missing), { kind: 'broken', reason: 'parent missing', why: '/none is missing' })
  })
  it('is broken if an image is something else', async () => {
    writeFileSync(join(folder, 'text'), 'no image'.repeat(100))
    run('mkfifo', join(folder, 'fifo'))
    symlinkSync('top', join(folder, 'link'))
    for (const name of ['text', 'fifo', 'link']) {
      const result = await read([join(folder, name)])
      assert.ok(result.kind === 'broken' && result.reason === 'not qcow2', name)
    }
  })
  it('is unknown if its data is in another file, which is not opened', async () => {
    const path = create('external', '1M', '-o', `data_file=${join(folder, 'data')}`)
    const result = await read([path], { program: ['/bin/false'] })
    assert.ok(result.kind === 'unknown' && /external file/.test(result.why))
  })
  it('is broken if cut before something in use, and in doubt if cut within', async () => {
    const path = create('cut', '4M')
    write(path, 'write -q -P 1 0 1M')
    const bytes = readFileSync(path)
    const digest = await readOut(path)
    truncateSync(path, bytes.length - 100_000)
    const cut = await read([path])
    assert.ok(cut.kind === 'broken' && /truncated/.test(cut.why), JSON.stringify(cut))
    // Within the last cluster QEMU reads zeroes for what is missing.
    writeFileSync(path, bytes)
    truncateSync(path, bytes.length - 1000)
    const within = await read([path])
    assert.ok(within.kind === 'read' && /ends within a cluster/.test(within.doubt ?? ''), JSON.stringify(within))
    assert.notEqual(within.digest, digest)
  })
  it('is broken if compressed data cannot be decompressed', async () => {
    const plain = create('plain', '2M')
    write(plain, 'write -q -P 1 0 2M')
    const path = join(folder, 'compressed')
    run('qemu-img', 'convert', '-c', '-O', 'qcow2', plain, path)
    const bytes = readFileSync(path)
    bytes.fill(0xff, bytes.length - 2048)
    writeFileSync(path, bytes)
    const result = await read([path])
    assert.ok(result.kind === 'broken' && /cannot be decompressed/.test(result.why), JSON.stringify(result))
  })
})

describe('an encrypted chain', () => {
  const payload = join(folder, 'payload, with a comma')
  writeFileSync(payload, 'correct horse')
  const wrong = join(folder, 'wrong')
  writeFileSync(wrong, 'correct horse\n')
  const secret = ['--object', `secret,id=s,file=${payload.replaceAll(',', ',,')}`]
  const make = (format: string) => {
    const options = `encrypt.format=${format},encrypt.key-secret=s${format === 'luks' ? ',encrypt.iter-time=10' : ''}`
    const image = (name: string) => ({
      encrypt: { format, 'key-secret': 's' },
      driver: 'qcow2',
      file: { driver: 'file', filename: join(folder, name) },
    })
    const base = `${format}-base`
    const top = `${format}-top`
    for (const [name, backing] of [
      [base, undefined],
      [top, base],
    ] as const) {
      const over = backing === undefined ? [] : ['-u', '-b', join(folder, backing), '-F', 'qcow2']
      persistently(() => create(name, '3M', ...secret, '-o', options, ...over))
      const graph = { ...image(name), backing: backing === undefined ? null : image(backing) }
      run(
        'qemu-io',
        ...secret,
        '-c',
        `write -q -P ${backing ? 1 : 2} ${backing ? '1M' : '0'} 1500k`,
        `json:${JSON.stringify(graph)}`,
      )
    }
    const graph = { ...image(top), backing: { ...image(base), backing: null } }
    return { paths: [join(folder, top), join(folder, base)], name: `json:${JSON.stringify(graph)}` }
  }
  const luks = make('luks')

  it('is read with its secret', async () => {
    const result = await read(luks.paths, { secretId: 'id', secrets: new Map([['id', payload]]) })
    await isContent(result, await readOut('', ...secret, luks.name))
  })
  it('is unknown without its secret or with another one, and names the secret', async () => {
    const cases: readonly (readonly [ContentReaderOptions & { secretId?: string }, RegExp])[] = [
      [{}, /no record or name states which secret opens/],
      [{ secretId: 'id' }, /needs the secret id, which is missing from --secrets/],
      [{ secretId: 'id', secrets: new Map([['id', join(folder, 'none')]]) }, /secret id, but .* cannot be read/],
      [{ secretId: 'id', secrets: new Map([['id', wrong]]) }, /^the secret id does not open it$/],
    ]
    for (const [options, expected] of cases) {
      const result = await read(luks.paths, options)
      assert.ok(result.kind === 'unknown', JSON.stringify(result))
      assert.match(result.why, expected)
    }
  })
  it('with the old cipher stays in doubt, because it does not detect a wrong secret', async () => {
    const aes = make('aes')
    const result = await read(aes.paths, { secretId: 'id', secrets: new Map([['id', payload]]) })
    assert.ok(result.kind === 'read' && result.doubt !== undefined, JSON.stringify(result))
    assert.equal(result.digest, await readOut('', ...secret, aes.name))
  })
})

describe('a server that fails', () => {
  const path = create('served', '64M')
  write(path, 'write -q -P 1 0 64M')
  const script = (text: string): ContentReaderOptions => ({ program: ['/bin/sh', '-c', text, 'sh'], stallMs: 1500 })

  it('makes the result unknown if it is missing or exits', async () => {
    const result = await read([path], { program: [join(folder, 'no-program')] })
    assert.ok(result.kind === 'unknown' && /not found/.test(result.why), JSON.stringify(result))
    const ended = await read([path], script('echo it is broken >&2; exit 1'))
    assert.ok(ended.kind === 'unknown' && /it is broken/.test(ended.why), JSON.stringify(ended))
  })
  it('makes the result unknown if it is killed while it is read', async () => {
    // Stopped before it is killed, so that it cannot finish first.
    const dies = 'echo it dies >&2; (sleep 0.03; kill -STOP $$; sleep 0.5; kill -9 $$) & exec qemu-nbd "$@"'
    const result = await read([path], script(dies))
    assert.ok(result.kind === 'unknown' && /it dies/.test(result.why), JSON.stringify(result))
  })
  it('is given up after the limit if it stops', async () => {
    for (const text of ['exec sleep 60', '(sleep 0.1; kill -STOP $$) & exec qemu-nbd "$@"']) {
      const startedMs = performance.now()
      const result = await read([path], script(text))
      assert.ok(result.kind === 'unknown' && result.reason === 'not answering', JSON.stringify(result))
      assert.ok(performance.now() - startedMs < 30_000)
    }
  })
  it('makes the result unknown if its disk differs from the header', async () => {
    const other = create('other', '1M')
    const result = await read([path], script(`exec qemu-nbd --read-only --shared=9 "$4" -f qcow2 '${other}'`))
    assert.ok(result.kind === 'unknown' && /reports a disk of 1048576 bytes/.test(result.why), JSON.stringify(result))
  })
  it('makes the result unknown if the image changes meanwhile', async () => {
    const result = await read([path], script(`printf x >>'${path}'; exec qemu-nbd "$@"`))
    assert.ok(result.kind === 'unknown' && /changed while it was read/.test(result.why), JSON.stringify(result))
    appendFileSync(path, '')
  })
  it('is ended if the reading is aborted', async () => {
    const called = new AbortController()
    const reading = contentReader(script('exec sleep 60'))([{ path, virtualBytes: 0 }], { signal: called.signal })
    setTimeout(() => called.abort(new Error('enough')), 300)
    await assert.rejects(reading, { message: 'enough' })
  })
})
