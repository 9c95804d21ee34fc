import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { backUp } from '../backup/backup.ts'
import { planWorkloads } from '../backup/backup-plan.ts'
import type { ImageRecord } from '../backup/catalog.ts'
import { writeDecoys } from '../backup/decoy.ts'
import type { ReasonKind } from '../reason/reason.ts'
import { LocalShell } from '../shell/local.ts'
import { restore } from './restore.ts'

const user = { uid: 42_436, gid: 42_436 }
const shell = new LocalShell()
const folder = mkdtempSync(join(tmpdir(), 'restore-'))
chmodSync(folder, 0o755)
after(() => rmSync(folder, { recursive: true }))

/** The path that the backup was written under, and a copy of it: images in the copy name parents at the origin. */
const origin = join(folder, 'origin')
const local = join(folder, 'local')
const saved = join(folder, 'saved')
const work = join(folder, 'work')

function lacking(): string | false {
  if (process.getuid?.() !== 0) return 'needs root, to run as the product does'
  return spawnSync('qemu-img', ['--version']).status === 0 ? false : 'needs qemu-img'
}

function copyTree(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true })
  execFileSync('cp', ['-a', '--sparse=always', from, to])
}

describe('a restore', { skip: lacking() }, () => {
  /** A full snapshot and two incremental ones of one disk. */
  let full: ImageRecord
  let second: ImageRecord
  let third: ImageRecord

  before(async () => {
    for (const path of [origin, work]) {
      mkdirSync(path)
      chownSync(path, user.uid, user.gid)
    }
    const { images } = await backUp(shell, {
      user,
      mountPath: origin,
      workDirectory: join(folder, 'live'),
      plan: planWorkloads('w', { workloads: [{ name: 'web', vms: [{ name: 'web-1', devices: ['vda'] }] }] }),
      snapshots: 3,
    })
    const [one, two, three] = images
    assert.ok(one && two && three)
    ;[full, second, third] = [one, two, three]
    copyTree(origin, saved)
  })
  beforeEach(() => {
    copyTree(saved, origin)
    copyTree(saved, local)
  })

  const at = (base: string, image: ImageRecord) => join(base, image.path)

  async function run(images: readonly ImageRecord[], stallMs = 20_000) {
    let count = 0
    const nextId = () => `r${++count}`
    const pathOf = (image: ImageRecord) => at(local, image)
    const nodes = {
      site: 's',
      appliance: shell,
      node: shell,
      user,
      pathOf,
      roots: [local, origin],
      workDirectory: work,
    }
    const restored = await restore(images, { ...nodes, nextId, stallMs })
    assert.deepEqual(readdirSync(work), [], 'a disk was left')
    return restored
  }

  async function outcomesOf(...images: ImageRecord[]) {
    return (await run(images)).map(({ record: { outcome, toolSucceeded, reason } }) => ({
      outcome,
      toolSucceeded,
      kind: reason?.kind,
      path: reason?.path,
      node: reason?.node,
    }))
  }

  const good = { outcome: 'restored', toolSucceeded: true, kind: undefined, path: undefined, node: undefined }
  const bad = (kind: ReasonKind, path?: string, toolSucceeded = false) => ({
    outcome: 'failed',
    toolSucceeded,
    kind,
    path,
    node: 'localhost',
  })

  it('has the content of every snapshot that was backed up', async () => {
    const restored = await run([full, second, third])
    assert.deepEqual(
      restored.map(({ record }) => [record.id, record.outcome, record.toolSucceeded, record.digest]),
      [
        ['r1', 'restored', true, full.digest],
        ['r2', 'restored', true, second.digest],
        ['r3', 'restored', true, third.digest],
      ],
    )
    assert.equal(new Set([full.digest, second.digest, third.digest]).size, 3)
  })

  it('fails without the origin path, except for full snapshots', async () => {
    rmSync(origin, { recursive: true })
    const missing = bad('origin path missing', origin)
    assert.deepEqual(await outcomesOf(full, second, third), [good, missing, missing])
  })
  it('fails with an empty origin path', async () => {
    rmSync(origin, { recursive: true })
    mkdirSync(origin)
    const empty = bad('origin path empty', origin)
    assert.deepEqual(await outcomesOf(full, second, third), [good, empty, empty])
  })
  it('fails without its parent', async () => {
    rmSync(at(origin, full))
    const missing = bad('parent missing', at(origin, full))
    assert.deepEqual(await outcomesOf(full, second, third), [good, missing, missing])
  })
  it('fails without the folder of a whole snapshot', async () => {
    const [workload = '', snapshot = ''] = second.path.split('/')
    rmSync(join(origin, workload, snapshot), { recursive: true })
    assert.deepEqual(await outcomesOf(third), [bad('parent missing', at(origin, second))])
  })
  it('fails without its image', async () => {
    rmSync(at(local, second))
    assert.deepEqual(await outcomesOf(second), [bad('image missing', at(local, second))])
  })
  it('fails on a parent that is not an image', async () => {
    writeFileSync(at(origin, full), 'garbage'.repeat(100_000))
    assert.deepEqual(await outcomesOf(second), [bad('not qcow2', at(origin, full))])
  })
  for (const size of [0, 10])
    it(`fails on a parent that is cut to ${size} bytes`, async () => {
      truncateSync(at(origin, full), size)
      assert.deepEqual(await outcomesOf(second), [bad('not qcow2', at(origin, full))])
    })
  it('fails on a parent that the product cannot read', async () => {
    chmodSync(at(origin, full), 0)
    assert.deepEqual(await outcomesOf(second), [bad('permission denied', at(origin, full))])
  })
  it('fails on an origin path that the product cannot read', async () => {
    chmodSync(origin, 0)
    assert.deepEqual(await outcomesOf(second), [bad('permission denied', at(origin, full))])
  })
  it('has the wrong content over other images with the same names, although QEMU succeeds', async () => {
    await writeDecoys(shell, { user, directory: origin, images: [full, second, third] })
    const wrong = bad('wrong content', undefined, true)
    assert.deepEqual(await outcomesOf(full, second, third), [good, wrong, wrong])
  })
  it('has the wrong content over a parent without its second half, which QEMU reads as zeroes', async () => {
    const clusters = Math.floor(statSync(at(origin, full)).size / 2 / 65_536)
    truncateSync(at(origin, full), clusters * 65_536)
    assert.deepEqual(await outcomesOf(second), [bad('wrong content', undefined, true)])
  })
  it('fails for an unknown reason if its links only look sound', async () => {
    const file = openSync(at(origin, full), 'r+')
    // The offset of the L1 table in the header of qcow2.
    writeSync(file, Buffer.alloc(8, 0xff), 0, 8, 40)
    closeSync(file)
    assert.deepEqual(await outcomesOf(second), [bad('unknown')])
  })
  it('fails on a chain that leads to itself', async () => {
    execFileSync('qemu-img', ['rebase', '-u', '-F', 'qcow2', '-b', at(origin, second), at(origin, full)])
    assert.deepEqual(await outcomesOf(second), [bad('cycle', at(origin, full))])
  })
  it('fails on an image that is its own parent', async () => {
    execFileSync('qemu-img', ['rebase', '-u', '-F', 'qcow2', '-b', at(origin, full), at(origin, full)])
    assert.deepEqual(await outcomesOf(second), [bad('cycle', at(origin, full))])
  })

  it('fails if an image leads out of the mount paths, and the others of its batch are restored', async () => {
    const outside = join(folder, 'outside')
    execFileSync('cp', [at(origin, full), outside])
    execFileSync('qemu-img', ['rebase', '-u', '-F', 'qcow2', '-b', outside, at(local, second)])
    assert.deepEqual(await outcomesOf(full, second, third), [good, bad('unsafe image', at(local, second)), good])
  })

  it('fails if a pipe takes the place of an image, and the others of its batch are restored', async () => {
    rmSync(at(origin, full))
    execFileSync('mkfifo', ['-m', '666', at(origin, full)])
    assert.deepEqual(await outcomesOf(second, full), [bad('not qcow2', at(origin, full)), good])
  })

  it('without progress is stopped, and the rest of its batch is not tried', async () => {
    // QEMU waits in open(2) until this process gives up its lease, as it does for a server that does not answer.
    const hold = `import fcntl, os, signal, sys
signal.signal(signal.SIGIO, signal.SIG_IGN)
fcntl.fcntl(os.open(sys.argv[1], os.O_RDWR), fcntl.F_SETLEASE, fcntl.F_WRLCK)
print(flush=True)
sys.stdin.read()`
    const holder = spawn('python3', ['-c', hold, at(origin, full)], { stdio: ['pipe', 'pipe', 'inherit'] })
    await once(holder.stdout, 'data')
    const restored = await run([full, second, full, third], 2_000)
    assert.deepEqual(
      restored.map(({ record, evidence }) => [
        evidence.attempts.map(({ part, ended }) => `${part}: ${ended}`).join(', '),
        record.outcome,
        record.reason?.kind,
      ]),
      [
        ['sizing: exited, reading: exited', 'restored', undefined],
        ['sizing: stalled', 'failed', 'not answering'],
        ['sizing: not tried', 'failed', 'not answering'],
        ['sizing: not tried', 'failed', 'not answering'],
      ],
    )
    holder.kill('SIGKILL')
    await once(holder, 'exit')
  })
})
