import assert from 'node:assert/strict'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { backUp } from '../backup/backup.ts'
import type { ImageRecord } from '../backup/catalog.ts'
import { writeDecoys } from '../backup/decoy.ts'
import { planWorkloads } from '../backup/plan.ts'
import { LocalShell } from '../shell/local.ts'
import { restore } from './restore.ts'

process.env.PATH = `/usr/bin:/bin:${process.env.PATH}`
const user = { uid: 42_436, gid: 42_436 }
const folder = mkdtempSync(join(tmpdir(), 'restore-'))
chmodSync(folder, 0o755)
after(() => rmSync(folder, { recursive: true }))
const origin = join(folder, 'origin')
const local = join(folder, 'local')
const work = join(folder, 'work')
const saved = join(folder, 'saved')
const shell = new LocalShell()
let images: readonly ImageRecord[] = []
const own = (path: string) => {
  mkdirSync(path)
  chownSync(path, user.uid, user.gid)
}
const copy = (from: string, to: string) => {
  rmSync(to, { recursive: true, force: true })
  cpSync(from, to, { recursive: true, preserveTimestamps: true })
  // cpSync keeps modes, not owners
}
before(async () => {
  own(origin)
  own(work)
  ;({ images } = await backUp(shell, {
    user,
    mountPath: origin,
    workDirectory: join(folder, 'live'),
    plan: planWorkloads('w', { workloads: [{ name: 'web', vms: [{ name: 'web-1', devices: ['vda'] }] }] }),
    snapshots: 3,
  }))
  copy(origin, saved)
  copy(origin, local)
})
const reset = () => {
  copy(saved, origin)
}
const chownAll = async (p: string) => shell.run(['chown', '-R', '42436:42436', p])
async function run(wanted = images) {
  if (existsSync(origin)) await chownAll(origin)
  await chownAll(local)
  let n = 0
  const done = await restore(wanted, {
    site: 's',
    appliance: shell,
    node: shell,
    user,
    mountPath: local,
    workDirectory: work,
    nextId: () => `r${++n}`,
    stallMs: 5000,
  })
  assert.deepEqual(readdirSync(work), [])
  return done.map(({ record }) => [
    record.outcome,
    record.toolSucceeded,
    record.reason?.kind,
    record.reason?.path,
    record.reason?.node,
  ])
}
const ok = ['restored', true, undefined, undefined, undefined]
const img = (n: number, base = origin) => join(base, images[n]!.path)
test('all well', async () => {
  reset()
  assert.deepEqual(await run(), [ok, ok, ok])
})
test('missing origin', async () => {
  rmSync(origin, { recursive: true })
  const f = ['failed', false, 'origin path missing', origin, 'localhost']
  assert.deepEqual(await run(), [ok, f, f])
})
test('empty origin', async () => {
  rmSync(origin, { recursive: true, force: true })
  mkdirSync(origin)
  const f = ['failed', false, 'origin path empty', origin, 'localhost']
  assert.deepEqual(await run(), [ok, f, f])
})
test('parent missing', async () => {
  reset()
  rmSync(img(0))
  const f = ['failed', false, 'parent missing', img(0), 'localhost']
  assert.deepEqual(await run(), [ok, f, f])
})
test('snapshot folder missing', async () => {
  reset()
  rmSync(join(origin, images[1]!.path.split('/').slice(0, 2).join('/')), { recursive: true })
  const f = ['failed', false, 'parent missing', img(1), 'localhost']
  assert.deepEqual(await run([images[2]!]), [f])
})
test('garbage', async () => {
  reset()
  writeFileSync(img(0), 'garbage'.repeat(100000))
  const f = ['failed', false, 'not qcow2', img(0), 'localhost']
  assert.deepEqual(await run([images[1]!]), [f])
})
test('cut to 10', async () => {
  reset()
  truncateSync(img(0), 10)
  assert.deepEqual((await run([images[1]!]))[0]!.slice(0, 4), ['failed', false, 'not qcow2', img(0)])
})
test('cut to 0', async () => {
  reset()
  truncateSync(img(0), 0)
  assert.deepEqual((await run([images[1]!]))[0]!.slice(0, 4), ['failed', false, 'not qcow2', img(0)])
})
test('permission on file', async () => {
  reset()
  chmodSync(img(0), 0)
  const f = ['failed', false, 'permission denied', img(0), 'localhost']
  assert.deepEqual(await run([images[1]!]), [f])
})
test('permission on folder', async () => {
  reset()
  chmodSync(origin, 0)
  const r = (await run([images[1]!]))[0]!
  console.log(r)
  assert.equal(r[2], 'permission denied')
  chmodSync(origin, 0o755)
})
test('decoy', async () => {
  reset()
  await chownAll(origin)
  await writeDecoys(shell, { user, directory: origin, images })
  const f = ['failed', true, 'wrong content', undefined, 'localhost']
  assert.deepEqual(await run(), [ok, f, f])
})
test('truncated parent', async () => {
  reset()
  const size = statSync(img(0)).size
  truncateSync(img(0), Math.floor(size / 2 / 65536) * 65536)
  const r = await run([images[1]!])
  console.log(r)
  assert.equal(r[0]![2], 'wrong content')
})
test('image missing', async () => {
  reset()
  rmSync(img(1, local))
  const r = await run([images[1]!])
  console.log(r)
  assert.equal(r[0]![2], 'image missing')
  copy(saved, local)
})
test('broken l1 in parent (links look sound)', async () => {
  reset()
  const fs = await import('node:fs')
  const fd = fs.openSync(img(0), 'r+')
  fs.writeSync(fd, Buffer.from('ffffffffffffffff', 'hex'), 0, 8, 40)
  fs.closeSync(fd)
  const r = await run([images[1]!])
  console.log(r)
  assert.equal(r[0]![2], 'unknown')
})
test('cycle', async () => {
  reset()
  await shell.run(['qemu-img', 'rebase', '-u', '-F', 'qcow2', '-b', img(1), img(0)])
  const r = await run([images[1]!])
  console.log(r)
  assert.equal(r[0]![0], 'failed')
})
test('slow fifo parent', async () => {
  reset()
  rmSync(img(0))
  await shell.run(['mkfifo', img(0)])
  const r = await run([images[1]!])
  console.log(r)
  assert.equal(r[0]![0], 'failed')
})
