import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { program as pythonProgram, readerModules } from '../image/program.ts'
import { LocalShell } from '../shell/local.ts'
import { python } from '../shell/python.ts'
import { observeChains } from './observe-chains.ts'

const user = { uid: 42_436, gid: 42_436 }
const folder = mkdtempSync(join(tmpdir(), 'observe-chains-'))
chmodSync(folder, 0o755)
after(() => rmSync(folder, { recursive: true }))
const share = join(folder, 'share')
mkdirSync(join(share, 'workload_1'), { recursive: true })

const at = (name: string) => join(share, 'workload_1', name)

/** Writes the header of a qcow2 image that names its parent. */
function image(name: string, parent = ''): string {
  const bytes = Buffer.alloc(512)
  bytes.write('QFI\xfb', 0, 'latin1')
  bytes.writeUInt32BE(3, 4)
  bytes.writeUInt32BE(9, 20)
  bytes.writeUInt32BE(104, 100)
  bytes.writeBigUInt64BE(BigInt(parent === '' ? 0 : 112), 8)
  bytes.writeUInt32BE(Buffer.byteLength(parent), 16)
  bytes.write(parent, 112)
  writeFileSync(at(name), bytes)
  return at(name)
}

async function chainOf(path: string) {
  const chain = (await observeChains(new LocalShell(), [path], { user, roots: [share] })).get(path) ?? assert.fail()
  assert.equal(chain.answered, true)
  return chain.links
}
const pathsOf = async (path: string) => (await chainOf(path)).map((link) => link.path)

describe('the observed chain', { skip: process.getuid?.() !== 0 && 'needs root, to look as the product does' }, () => {
  it('has the image first, then its parents, each with its mount path', async () => {
    const full = image('full')
    const links = await chainOf(image('incremental', full))
    assert.deepEqual(
      links.map(({ path, state, backing, sizeBytes }) => [path, state, backing, sizeBytes]),
      [
        [at('incremental'), 'image', full, 512],
        [full, 'image', undefined, 512],
      ],
    )
    assert.partialDeepStrictEqual(links[1]?.mountPath, { path: share, state: 'directory', entries: 1 })
  })

  it('ends with a path that it has already', async () => {
    image('a', at('b'))
    image('b', at('c'))
    image('c', at('b'))
    assert.deepEqual(await pathsOf(at('a')), ['a', 'b', 'c', 'b'].map(at))
    assert.deepEqual(await pathsOf(image('self', at('self'))), ['self', 'self'].map(at))
  })

  it('ends with a file that it has already by another path', async () => {
    image('one', at('two'))
    linkSync(at('one'), at('two'))
    assert.deepEqual(await pathsOf(at('one')), ['one', 'two'].map(at))
  })

  it('follows relative names as QEMU does, also when they return', async () => {
    image('base')
    assert.deepEqual(await pathsOf(image('beside', 'base')), [at('beside'), at('base')])
    const around = `${share}/workload_1/../workload_1/around`
    assert.deepEqual(await pathsOf(image('around', '../workload_1/around')), [at('around'), around])
  })

  it('does not follow a name with a protocol', async () => {
    for (const name of ['json:{"file.filename":"/x"}', 'nbd://host/x', 'file:/x'])
      assert.deepEqual(await pathsOf(image('odd', name)), [at('odd')])
  })

  it('opens and lists nothing outside of the roots', async () => {
    const elsewhere = join(folder, 'elsewhere')
    mkdirSync(join(elsewhere, 'workload_1'), { recursive: true })
    const canary = join(elsewhere, 'workload_1/canary')
    renameSync(image('canary', at('full')), canary)
    symlinkSync(canary, at('leads-out'))
    for (const name of [canary, '../../elsewhere/workload_1/canary', at('leads-out'), '/etc/hostname', '/']) {
      const links = await chainOf(image('child', name))
      assert.deepEqual(
        links.map(({ state }) => state),
        ['image', 'outside the targets'],
        name,
      )
      assert.deepEqual(links[1]?.mountPath, { path: links[1]?.path, state: 'outside the targets' })
      assert.equal(links[1]?.file, undefined)
    }
  })

  it('has the others if one cannot be looked at', async () => {
    const full = image('full')
    const odd = `${at('odd')}\0`
    const found = await observeChains(new LocalShell(), [odd, full], { user, roots: [share] })
    assert.deepEqual([found.has(odd), found.get(full)?.links.length], [false, 1])
  })

  it('has at most 64 links', async () => {
    for (let number = 1; number < 70; number++) image(`n${number}`, at(`n${number + 1}`))
    image('n70')
    const paths = await pathsOf(at('n1'))
    assert.deepEqual([paths.length, paths.at(-1)], [64, at('n64')])
    assert.deepEqual((await pathsOf(at('n7'))).at(-1), at('n70'))
  })

  it('ends with a link that is missing, not a file, or not an image', async () => {
    writeFileSync(at('text'), 'no image, although it is longer than a header: '.repeat(9))
    writeFileSync(at('short'), 'QFI\xfb', 'latin1')
    mkdirSync(at('directory'))
    for (const [name, state] of [
      ['nothing', 'ENOENT'],
      ['text', 'not qcow2'],
      ['short', 'not qcow2'],
      ['directory', 'not a file'],
    ] as const) {
      const links = await chainOf(image('overlay', at(name)))
      assert.deepEqual(
        links.map((link) => link.state),
        ['image', state],
      )
    }
  })

  it('has what denies a link: its modes, or something else', async () => {
    const closed = image('closed')
    chmodSync(closed, 0o600)
    const [link] = await chainOf(closed)
    assert.partialDeepStrictEqual(link, { state: 'EACCES', modesPermit: false })
    const listed = image('listed')
    execFileSync('python3', ['-c', denyByAccessList, listed, `${user.uid}`])
    const [other] = await chainOf(listed)
    assert.partialDeepStrictEqual(other, { state: 'EACCES', modesPermit: true })
  })

  it('shows that another process has a link locked for writing', { timeout: 60_000 }, async () => {
    const locked = image('locked')
    const holder = spawn('python3', ['-c', lockAsQemu, locked], { stdio: ['pipe', 'pipe', 'inherit'] })
    await once(holder.stdout, 'data')
    assert.equal((await chainOf(locked))[0]?.state, 'EAGAIN')
    holder.stdin.end()
    await once(holder, 'exit')
    assert.equal((await chainOf(locked))[0]?.state, 'image')
  })

  it('shows that a missing link appeared at a second look', async () => {
    const late = at('late')
    const program = readFileSync(new URL('./observe_chains.py', import.meta.url), 'utf8')
    const access = readFileSync(new URL('../image/file_access.py', import.meta.url), 'utf8')
    // Its one pause is when the file appears.
    const appears = `import shutil, time\ntime.sleep = lambda _: shutil.copy(${JSON.stringify(image('early'))}, ${JSON.stringify(late)})\n`
    const source = pythonProgram(
      { ...readerModules, file_access: access, observe_chains: `${program}\n${appears}` },
      { images: [image('child', late)], roots: [share] },
    )
    const { stdout } = await new LocalShell().run(python, { stdin: source })
    const { links } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as { links: { state: string }[] }
    assert.deepEqual(
      links.map(({ state }) => state),
      ['image', 'not visible yet'],
    )
    assert.equal((await chainOf(at('child')))[1]?.state, 'image')
  })

  it('is not held up by a FIFO', async () => {
    execFileSync('mkfifo', [at('fifo')])
    assert.equal((await chainOf(image('over', at('fifo'))))[1]?.state, 'not a file')
  })
})

/** An access list that denies one user, while the mode permits all. */
const denyByAccessList = `import os, struct, sys
entries = [(1, 6, -1), (2, 0, int(sys.argv[2])), (4, 4, -1), (16, 7, -1), (32, 4, -1)]
os.setxattr(sys.argv[1], "system.posix_acl_access", struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *one) for one in entries))`

/** Locks the byte that QEMU locks in an image that it writes to. */
const lockAsQemu = `import fcntl, os, struct, sys
fd = os.open(sys.argv[1], os.O_RDWR)
fcntl.fcntl(fd, 37, struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 101, 1, 0))
print("locked", flush=True)
sys.stdin.read()`
