import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, beforeEach, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { noSilence, silence } from '../../assess/scan/silence.fixture.ts'
import { until } from '../../concurrency/deadline.ts'
import { emptyFolder, removeFixtures, scratch } from '../manager.fixture.ts'
import type { BackupTarget } from '../manager-config.ts'
import { checkTarget } from './check-target.ts'
import { TargetLease } from './target-lease.ts'

after(removeFixtures)
let target: BackupTarget
let file = ''
beforeEach(() => {
  const mountPath = emptyFolder(join(scratch('lease'), 'target'))
  target = { name: 'nfs', type: 'nfs', share: '10.0.0.1:/upstream', mountPath, isDefault: true }
  file = join(mountPath, '.workloadmgr-lease')
})

const upstream = { site: 'upstream', job: 'job-1' }
const recovery = { site: 'recovery', job: 'job-2' }
const busy = { code: 'target-busy', message: 'backup target nfs is in use by site "upstream", job job-1' }
/** Watches a stale lease for a short time only. */
const hasty = { renewMs: 200 }
/** Makes the lease older, as if it was not renewed. */
const age = (seconds: number) => utimesSync(file, Date.now() / 1000 - seconds, Date.now() / 1000 - seconds)

describe('lease of a target', () => {
  it('is held by one job at a time, and names it to the second', async () => {
    {
      await using lease = await TargetLease.take(target, upstream)
      lease.assertHeld()
      await assert.rejects(TargetLease.take(target, recovery), busy)
      await assert.rejects(TargetLease.take(target, { ...upstream, job: 'job-3' }), busy)
      lease.assertHeld()
    }
    assert.deepEqual(readdirSync(target.mountPath), [])
    await using _lease = await TargetLease.take(target, recovery)
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), { ...recovery, beat: '000000' })
  })

  it('is taken by one of many that try at the same time, also if it is stale', async () => {
    for (const isStale of [false, true]) {
      if (isStale) writeFileSync(file, JSON.stringify(upstream))
      if (isStale) age(61)
      const tries = Array.from({ length: 20 }, (_, nth) =>
        TargetLease.take(target, { site: 'recovery', job: `${nth}` }, hasty),
      )
      const taken = (await Promise.allSettled(tries)).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      assert.equal(taken.length, 1)
      for (const one of taken) one.assertHeld()
      for (const one of taken) await one[Symbol.asyncDispose]()
      assert.deepEqual(readdirSync(target.mountPath), [])
    }
  })

  it('of another site is replaced after one minute without a renewal, and not before', async () => {
    writeFileSync(file, JSON.stringify(upstream))
    age(55)
    await assert.rejects(TargetLease.take(target, recovery), busy)
    age(61)
    await using _lease = await TargetLease.take(target, recovery, hasty)
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), { ...recovery, beat: '000000' })
  })

  it('of a killed job of the same site is replaced at once, and of a running one not', async () => {
    writeFileSync(file, JSON.stringify({ site: 'recovery', job: 'killed' }))
    const running = { hasJobEnded: async () => false }
    await assert.rejects(TargetLease.take(target, recovery, running), /site "recovery", job killed/)
    const hasJobEnded = async (job: string) => job === 'killed'
    await using _lease = await TargetLease.take(target, recovery, { hasJobEnded })
    // Another site may have a job of the same id.
    await assert.rejects(TargetLease.take(target, upstream, { hasJobEnded: async () => true }), { code: 'target-busy' })
  })

  it('that is half written counts as held, until it is stale', async () => {
    writeFileSync(file, '')
    await assert.rejects(TargetLease.take(target, recovery), /is in use by another job/)
    age(61)
    await using _lease = await TargetLease.take(target, recovery, hasty)
  })

  it('is renewed by its holder, so that it does not become stale', async () => {
    await using lease = await TargetLease.take(target, upstream, { renewMs: 20, staleMs: 10_000 })
    age(3600)
    const isRenewed = async () => (statSync(file).mtimeMs > Date.now() - 60_000 ? true : undefined)
    await until('the renewal', isRenewed, { deadlineMs: 60_000 })
    await assert.rejects(TargetLease.take(target, recovery), busy)
    lease.assertHeld()
  })

  it('of another site is not replaced if it is renewed while it is watched, whatever the time of the file is', async () => {
    await using lease = await TargetLease.take(target, upstream, { renewMs: 100 })
    // A wrong clock makes each renewal look old.
    const backwards = setInterval(() => age(3600), 5)
    try {
      await assert.rejects(TargetLease.take(target, recovery, { renewMs: 400 }), busy)
    } finally {
      clearInterval(backwards)
    }
    lease.assertHeld()
  })

  it('stops its holder once another job has it, or it was not renewed in time', async () => {
    await using lost = await TargetLease.take(target, upstream, { renewMs: 20 })
    writeFileSync(file, JSON.stringify(recovery))
    await until('the loss', async () => (throws(() => lost.assertHeld()) ? true : undefined), { deadlineMs: 60_000 })
    assert.throws(() => lost.assertHeld(), { code: 'target-lease', message: /was lost: recovery, job job-2, has it/ })
    await lost[Symbol.asyncDispose]()
    assert.ok(existsSync(file), 'the lease of the other job was removed')
    rmSync(file)
    await using late = await TargetLease.take(target, upstream, { renewMs: 60_000, staleMs: 100 })
    await delay(80)
    assert.throws(() => late.assertHeld(), /was not renewed in time/)
  })

  it('replaces a takeover that was killed', async () => {
    writeFileSync(file, JSON.stringify(upstream))
    writeFileSync(`${file}-takeover`, JSON.stringify(upstream))
    age(61)
    await assert.rejects(TargetLease.take(target, recovery), /which replaces a stale lease/)
    utimesSync(`${file}-takeover`, Date.now() / 1000 - 61, Date.now() / 1000 - 61)
    writeFileSync(`${file}-probe-killed`, '')
    {
      await using _lease = await TargetLease.take(target, recovery, hasty)
    }
    await using _next = await TargetLease.take(target, recovery)
    assert.deepEqual(readdirSync(target.mountPath), ['.workloadmgr-lease'])
  })

  it('does not exist on a read-only share, and is an error where it cannot be created', async () => {
    const script = `mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && exec "$2" --eval "$3" "$1"`
    const program = `
      import { TargetLease } from '${import.meta.dirname}/target-lease.ts'
      const lease = await TargetLease.take({ name: 'x', mountPath: process.argv[1] }, { site: 's', job: 'j' })
      lease.assertHeld()
      console.log(lease.isReadOnly)`
    const unshare = [
      '--mount',
      '--map-root-user',
      '--user',
      'sh',
      '-c',
      script,
      'sh',
      target.mountPath,
      process.execPath,
    ]
    const node = [...unshare.slice(0, -1), process.execPath, program, target.mountPath]
    assert.equal(execFileSync('unshare', node, { encoding: 'utf8' }).trim(), 'true')
    const gone = { ...target, mountPath: `${target.mountPath}/gone` }
    await assert.rejects(TargetLease.take(gone, recovery), { code: 'target-lease', message: /ENOENT/ })
  })
})

describe('backup target', () => {
  it('is online if its mount path can be listed, and offline with the reason if not', async () => {
    const state = async (mountPath: string) => {
      const { status, problem } = await checkTarget({ ...target, mountPath })
      return [status, problem]
    }
    const path = target.mountPath
    assert.deepEqual(await state(path), ['offline', `nothing is mounted at ${path}`])
    writeFileSync(join(path, 'x'), '')
    assert.deepEqual(await state(path), ['online', undefined])
    for (let nth = 0; nth < 2000; nth++) writeFileSync(join(path, `${'x'.repeat(100)}${nth}`), '')
    assert.deepEqual(await state(path), ['online', undefined])
    const [status, problem] = await state(`${path}/none`)
    assert.equal(status, 'offline')
    assert.match(`${problem}`, /No such file or directory/)
    assert.deepEqual((await state('/proc')).at(0), 'online')
  })

  it('is offline if it does not answer in time', { skip: noSilence() }, async () => {
    writeFileSync(join(target.mountPath, 'x'), '')
    using _silence = await silence(target.mountPath)
    const startedMs = performance.now()
    const { status, problem } = await checkTarget(target, 300)
    assert.deepEqual([status, problem], ['offline', `${target.mountPath} does not answer within 0.3 s`])
    assert.ok(performance.now() - startedMs < 5000)
  })
})

const throws = (act: () => void): boolean => {
  try {
    act()
    return false
  } catch {
    return true
  }
}
