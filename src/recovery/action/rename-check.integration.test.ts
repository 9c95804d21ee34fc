import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { LocalShell } from '../../shell/local.ts'
import { type ParentRename, renameParentNames } from './parent-renames.ts'

const isRoot = process.getuid?.() === 0
const shell = new LocalShell()
const user = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
const qemu = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })

describe('the check of images before their parents are renamed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rename-check-'))
  const target = join(folder, 'target')
  const image = join(target, 'image')
  const renames: readonly ParentRename[] = [
    { path: image, from: '/nowhere/full', to: `${target}/full`, parent: `${target}/full` },
  ]

  before(() => chmodSync(folder, 0o755))
  after(() => rmSync(folder, { recursive: true }))
  beforeEach(() => {
    rmSync(target, { recursive: true, force: true })
    mkdirSync(target)
    write(target)
  })

  function write(where: string): void {
    qemu('qemu-img', 'create', '-q', '-f', 'qcow2', `${where}/full`, '1M')
    qemu('qemu-img', 'create', '-q', '-f', 'qcow2', `${where}/image`, '1M')
    qemu('qemu-img', 'rebase', '-u', '-F', 'qcow2', '-b', '/nowhere/full', `${where}/image`)
  }

  function patch(at: number, bytes: readonly number[]): void {
    const file = openSync(image, 'r+')
    writeSync(file, Uint8Array.from(bytes), 0, bytes.length, at)
    closeSync(file)
  }

  async function refusal(): Promise<string> {
    const before = readFileSync(image)
    const [dry] = await renameParentNames(shell, renames, { user, concurrency: 2, isDryRun: true })
    assert.deepEqual(readFileSync(image), before)
    return `${dry?.state}: ${dry?.why}`
  }

  it('passes an image that can be renamed, with an internal snapshot too', async () => {
    qemu('qemu-img', 'rebase', '-u', '-F', 'qcow2', '-b', `${target}/full`, image)
    qemu('qemu-img', 'snapshot', '-c', 'one', image)
    qemu('qemu-img', 'rebase', '-u', '-F', 'qcow2', '-b', '/nowhere/full', image)
    assert.equal(await refusal(), 'ready: undefined')
    const [done] = await renameParentNames(shell, renames, { user, concurrency: 2 })
    assert.equal(done?.state, 'done')
  })

  it('passes an image with a bitmap, whose metadata is not copied', async () => {
    qemu('qemu-img', 'bitmap', '--add', image, 'one')
    assert.equal(await refusal(), 'ready: undefined')
  })

  const damages: readonly (readonly [what: string, at: number, bytes: readonly number[], why: RegExp])[] = [
    ['marked as corrupt', 79, [2], /it is marked as corrupt/],
    ['marked as dirty', 79, [1], /it is marked as dirty/],
    ['with an unknown feature', 78, [1], /QEMU does not know \(incompatible bit 8\)/],
    ['with the highest feature', 72, [0x80], /QEMU does not know \(incompatible bit 63\)/],
    ['with an unknown encryption', 35, [9], /Unsupported encryption method/],
    ['with an L1 table outside of any cluster', 47, [1], /L1 table/],
    ['with too many L1 entries', 36, [0xff], /L1 table/],
    ['with a refcount table at no cluster', 55, [1], /[Rr]ef.*count table/],
    ['with refcounts of an impossible width', 99, [9], /[Rr]eference count/],
    ['with a header longer than a cluster', 101, [0xff], /damaged header/],
    ['with an extension that leads out of the cluster', 116, [0x10], /damaged header/],
    ['with a compression type and no feature for it', 104, [1], /[Cc]ompression type/],
  ]
  for (const [what, at, bytes, why] of damages)
    it(`refuses an image ${what}, as QEMU does when it writes`, async () => {
      patch(at, bytes)
      assert.match(await refusal(), why)
      if (what !== 'marked as dirty')
        assert.throws(() => qemu('qemu-img', 'rebase', '-u', '-F', 'qcow2', '-b', '/x', image))
    })

  it('refuses an image that names its parent as raw, whose content would change', async () => {
    qemu('qemu-img', 'rebase', '-u', '-F', 'raw', '-b', '/nowhere/full', image)
    assert.match(await refusal(), /names its parent as an image in the format raw/)
  })

  for (const mode of ['-r', '-w'])
    it(`refuses an image that QEMU has open (${mode})`, async () => {
      qemu('qemu-img', 'rebase', '-u', '-F', 'qcow2', '-b', `${target}/full`, image)
      const holder = spawn('qemu-io', [...(mode === '-r' ? ['-r'] : []), '-f', 'qcow2', image], {
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      try {
        holder.stdin.write('length\n')
        await once(holder.stdout, 'data')
        const back = [{ path: image, from: `${target}/full`, to: '/nowhere/full' }]
        const [one] = await renameParentNames(shell, back, { user, concurrency: 1, isDryRun: true })
        assert.match(`${one?.state}: ${one?.why}`, /refused: it is in use/)
        assert.throws(() => qemu('qemu-img', 'rebase', '-u', '-F', 'qcow2', '-b', '/x', image), /lock/)
      } finally {
        holder.stdin.end('quit\n')
        await once(holder, 'exit')
      }
    })

  it('refuses an immutable image', { skip: !isRoot && 'needs root' }, async (context) => {
    try {
      qemu('chattr', '+i', image)
    } catch {
      return context.skip('the file system has no attributes')
    }
    try {
      assert.match(await refusal(), /refused: it is immutable/)
    } finally {
      qemu('chattr', '-i', image)
    }
  })

  it('refuses an image on a full file system', { skip: !isRoot && 'needs root' }, async () => {
    qemu('mount', '-t', 'tmpfs', '-o', 'size=8m', 'none', target)
    try {
      write(target)
      assert.equal(await refusal(), 'ready: undefined')
      qemu('sh', '-c', 'dd if=/dev/zero of="$1" bs=64k 2>/dev/null || :', 'sh', `${target}/filler`)
      assert.match(await refusal(), /refused: the file system is full/)
    } finally {
      qemu('umount', target)
    }
  })
})
