import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { collect, imagesOf, makeTarget, partsOf, scratchFolder } from './scan.fixture.ts'
import { noSilence, silence, slowOpens } from './silence.fixture.ts'

const folder = scratchFolder('silent')
const skip = noSilence()

const workloadFolders = (target: string) =>
  readdirSync(target)
    .filter((name) => /^workload_.{36}$/.test(name))
    .sort()
    .map((name) => join(target, name))

const snapshotFolders = (workload: string) =>
  readdirSync(workload)
    .filter((name) => name.startsWith('snapshot_'))
    .map((name) => join(workload, name))

const shape = { workloads: 3, vms: 2, disks: 2, snapshots: 4 }

test('a target that stops answering during a scan is given up in bounded time, and what was found is kept', {
  skip,
}, async () => {
  const [quiet, sound] = [join(folder, 'quiet'), join(folder, 'sound')]
  await makeTarget(quiet, { ...shape, seed: 'quiet' })
  const { images } = await makeTarget(sound, shape)
  const [, second = ''] = workloadFolders(quiet)
  using _silence = await silence(...snapshotFolders(second))
  const startedMs = performance.now()
  // With one thread the order is certain.
  const found = await collect([quiet, sound], { answerWithinMs: 1000, concurrency: 1 })
  const tookMs = performance.now() - startedMs
  // Long for the share; a busy machine needs most of it itself.
  assert.ok(tookMs < 60_000, `it took ${tookMs} ms`)
  const silent = found.events.filter((event) => event.kind === 'silent')
  assert.deepEqual(
    silent.map(({ target }) => target),
    [0],
  )
  assert.ok(join(quiet, silent[0]?.folder ?? '').startsWith(`${second}/snapshot_`))
  assert.ok((silent[0]?.afterMs ?? 0) >= 1000)
  // Everything of the other target was read, and a part of this one.
  const parts = (target: number) => partsOf(found).filter((part) => part.target === target)
  assert.equal(imagesOf({ ...found, workloads: [{ workloadId: '', parts: parts(1) }] }).length, images)
  const [before, within, after] = parts(0)
  assert.ok(before?.snapshots.every(({ unread, disks }) => unread === undefined && disks.length > 0))
  assert.equal(within?.snapshots.length, shape.snapshots)
  assert.ok(within?.snapshots.every(({ unread }) => unread === 'the target does not answer'))
  // Other threads may have read it before.
  assert.ok(after?.unread === 'the target does not answer' || after?.snapshots.length === shape.snapshots)
})

test('a slow target is read completely although another one stops answering', {
  skip,
}, async () => {
  const [quiet, sound] = [join(folder, 'far-quiet'), join(folder, 'far-sound')]
  const many = { workloads: 6, vms: 2, disks: 1, snapshots: 6 }
  await makeTarget(quiet, { ...many, seed: 'quiet' })
  const { images } = await makeTarget(sound, many)
  const folders = [quiet, sound].flatMap((target) => [
    target,
    ...readdirSync(target, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ parentPath, name }) => join(parentPath, name)),
  ])
  const [, second = '', ...others] = workloadFolders(quiet)
  const never = snapshotFolders(second)
  using _slow = await slowOpens(
    20,
    folders.filter((one) => !never.includes(one)),
  )
  using _silence = await silence(...never)
  const startedMs = performance.now()
  const found = await collect([quiet, sound], { answerWithinMs: 3000, concurrency: 12 })
  const tookMs = performance.now() - startedMs
  assert.ok(tookMs < 60_000, `it took ${tookMs} ms`)
  assert.deepEqual(
    found.events.flatMap((event) => (event.kind === 'silent' ? event.target : [])),
    [0],
  )
  const parts = (target: number) => partsOf(found).filter((part) => part.target === target)
  assert.equal(imagesOf({ ...found, workloads: [{ workloadId: '', parts: parts(1) }] }).length, images)
  assert.ok(parts(1).every(({ unread, snapshots }) => unread === undefined && snapshots.every((one) => !one.unread)))
  assert.equal(parts(0).length, others.length + 2)
  assert.ok(parts(0)[1]?.snapshots.every(({ unread }) => unread === 'the target does not answer'))
})

test('a target that cannot be listed is given up', { skip }, async () => {
  const quiet = join(folder, 'root')
  await makeTarget(quiet, shape)
  using _silence = await silence(quiet)
  const { events } = await collect([quiet], { answerWithinMs: 500 })
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['silent', 'no-target'],
  )
})

test('a process that is interrupted or killed while a target is silent leaves no process behind', {
  skip,
}, async () => {
  const quiet = join(folder, 'killed')
  await makeTarget(quiet, shape)
  const [first = ''] = workloadFolders(quiet)
  using _silence = await silence(first)
  const reason = new Error('enough')
  const controller = new AbortController()
  setTimeout(() => controller.abort(reason), 1000)
  await assert.rejects(collect([quiet], {}, controller.signal), reason)
  assert.equal(await isGone(await readersOf(process.pid, 0)), true)

  const scan = new URL('scan.ts', import.meta.url).href
  const request = { targets: [quiet], depth: 'headers', concurrency: 4, answerWithinMs: 60_000 }
  const script = `import { scanTargets } from '${scan}'
    for await (const _ of scanTargets(${JSON.stringify(request)}, new AbortController().signal));`
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' })
  const readers = await readersOf(child.pid ?? 0, 1)
  assert.equal(readers.length, 1)
  await sleep(500)
  child.kill('SIGKILL')
  assert.equal(await isGone(readers), true)
})

/** The processes of a scan, once there are so many. */
async function readersOf(pid: number, count: number): Promise<readonly string[]> {
  for (;;) {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
    )
    const readers = children.filter((child) =>
      readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('reader-process'),
    )
    if (readers.length >= count) return readers
    await sleep(20)
  }
}

async function isGone(pids: readonly string[]): Promise<boolean> {
  for (let i = 0; i < 250; i++) {
    if (pids.every((pid) => !existsSync(`/proc/${pid}`))) return true
    await sleep(20)
  }
  return false
}

test('a reader that starts slowly on a busy machine is not taken for a silent target', async () => {
  const directory = join(folder, 'late')
  const { workloads } = await makeTarget(directory, shape)
  const late = join(folder, 'late.mjs')
  writeFileSync(
    late,
    `import { isMainThread } from 'node:worker_threads'
    const isReader = isMainThread && process.argv[1]?.includes('reader-process')
    if (isReader) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 12_000)`,
  )
  process.env['NODE_OPTIONS'] = `--import=${late}`
  try {
    const startedMs = performance.now()
    const found = await collect([directory], { answerWithinMs: 1500 })
    assert.ok(performance.now() - startedMs > 12_000)
    assert.equal(found.workloads.length, workloads)
  } finally {
    delete process.env['NODE_OPTIONS']
  }
})

test('the handling of an event may take longer than the limit for a target', async () => {
  const directory = join(folder, 'slow')
  const { workloads } = await makeTarget(directory, shape)
  const { scanTargets } = await import('./scan.ts')
  const request = { targets: [directory], depth: 'headers', concurrency: 2, answerWithinMs: 1500 } as const
  let count = 0
  for await (const event of scanTargets(request, new AbortController().signal)) {
    if (event.kind === 'target') await sleep(3500)
    if (event.kind === 'workload') count++
    assert.notEqual(event.kind, 'silent')
  }
  assert.equal(count, workloads)
})
