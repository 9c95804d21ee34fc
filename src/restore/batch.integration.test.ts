import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, describe, it } from 'node:test'
import { until } from '../concurrency/deadline.ts'
import { LocalShell } from '../shell/local.ts'
import { CommandError } from '../shell/shell.ts'
import { type Job, runBatch } from './batch.ts'

const user = { uid: 42_436, gid: 42_436 }
const isRoot = process.getuid?.() === 0
const folder = mkdtempSync(join(tmpdir(), 'batch-'))
after(() => rmSync(folder, { recursive: true }))

const disk = join(folder, 'r1.raw')
const pipe = join(folder, 'pipe')
const shell = new LocalShell()

const script = (id: string, text: string, its: Partial<Job> = {}): Job => ({ id, argv: ['sh', '-c', text], ...its })
/** Writes half a disk, and then reads from a pipe without a writer, as from a server that does not answer. */
const hanging = script('r1', `head -c 4096 /dev/zero >'${disk}'; exec cat '${pipe}'`, { disk })

function run(jobs: readonly Job[], options: { stallMs?: number; signal?: AbortSignal } = {}) {
  return runBatch(shell, jobs, { part: 'reading', user, stallMs: 20_000, ...options })
}

describe('a batch', { timeout: 60_000, skip: !isRoot && 'needs root, to run as the product does' }, () => {
  beforeEach(() => {
    for (const name of readdirSync(folder)) rmSync(join(folder, name))
    chownSync(folder, user.uid, user.gid)
    chmodSync(folder, 0o755)
    execFileSync('mkfifo', ['-m', '666', pipe])
  })

  it('returns the outcome of every job, and continues after a failed one', async () => {
    const outcomes = await run([
      script('r1', 'echo half; echo no >&2; exit 3'),
      script('r2', `head -c 70000 /dev/zero >'${disk}'`, { disk }),
      script('r3', 'id -u >&2; kill -9 $$'),
    ])
    const outcome = (id: string) => {
      const { command: _, ...attempt } = outcomes.get(id)?.attempt ?? assert.fail()
      return attempt
    }
    const exited = { part: 'reading', where: 'localhost', ended: 'exited' }
    assert.deepEqual(outcome('r1'), { ...exited, exitCode: 3, stderr: 'no\n', stdout: 'half\n' })
    assert.deepEqual(outcome('r2'), { ...exited, exitCode: 0, stderr: '', stdout: '' })
    assert.match(outcomes.get('r2')?.digest ?? '', /^[0-9a-f]{64}$/)
    assert.deepEqual(outcome('r3'), { ...exited, exitCode: -9, stderr: '42436\n', stdout: '' })
    assert.equal(existsSync(disk), false)
  })

  it('digests no disk of a job that failed, and removes it', async () => {
    const outcomes = await run([script('r1', `head -c 70000 /dev/zero >'${disk}'; exit 1`, { disk })])
    assert.equal(outcomes.get('r1')?.attempt.exitCode, 1)
    assert.equal(outcomes.get('r1')?.digest, undefined)
    assert.equal(existsSync(disk), false)
  })

  it('keeps a disk that it was asked to keep, and removes that of a failed job all the same', async () => {
    const failed = join(folder, 'r2.raw')
    const outcomes = await run([
      script('r1', `head -c 70000 /dev/zero >'${disk}'`, { disk, keepsDisk: true }),
      script('r2', `head -c 70000 /dev/zero >'${failed}'; exit 1`, { disk: failed, keepsDisk: true }),
    ])
    assert.equal(outcomes.get('r1')?.digest, undefined)
    assert.deepEqual([existsSync(disk), existsSync(failed)], [true, false])
  })

  it('keeps the disks of finished jobs when a later job stalls', async () => {
    const stalled = join(folder, 'r2.raw')
    const text = `head -c 4096 /dev/zero >'${stalled}'; exec cat '${pipe}'`
    const kept = { disk, keepsDisk: true }
    await run([script('r1', `echo >'${disk}'`, kept), script('r2', text, { ...kept, disk: stalled })], {
      stallMs: 1_000,
    })
    assert.deepEqual([existsSync(disk), existsSync(stalled)], [true, false])
  })

  it('reports the user and the arguments of each job, byte for byte as they were executed', async () => {
    const own = 'cat /proc/$$/cmdline'
    const odd = ["a b'c\n", 'größe', '$(id)', '']
    const outcomes = await run([{ id: 'r1', argv: ['sh', '-c', `${own}; exit 1`, ...odd] }])
    const { command, stdout } = outcomes.get('r1')?.attempt ?? assert.fail()
    assert.equal(command?.argv.map((word) => `${word}\0`).join(''), stdout)
    assert.deepEqual(command?.user, user)
  })

  it('passes a secret that the job can read, and reports only its name', async () => {
    const program = join(folder, 'reads-secret')
    writeFileSync(program, 'cat /proc/$$/cmdline; cat "${2#*file=}" >&2; exit 1')
    const secrets = new Map([['key', Buffer.from('correct horse')]])
    const outcomes = await run([{ id: 'r1', argv: ['sh', program], secrets }])
    const { stdout, stderr, command } = outcomes.get('r1')?.attempt ?? assert.fail()
    assert.equal(stderr, 'correct horse')
    assert.equal(command?.argv.map((word) => `${word}\0`).join(''), stdout)
    assert.doesNotMatch(JSON.stringify(command), /horse/)
  })

  it('measures each job separately, although all run in one process', async () => {
    const beforeMs = Date.now()
    const outcomes = await run([script('r1', 'sleep 1.2'), script('r2', ':'), script('r3', 'sleep 0.4; exit 1')])
    const [long = 0, short = 0, middle = 0] = ['r1', 'r2', 'r3'].map(
      (id) => outcomes.get(id)?.attempt.command?.durationMs,
    )
    assert.ok(long >= 1200 && middle >= 400 && short < 400 && middle < long, `${long}, ${short}, ${middle} ms`)
    const starts = ['r1', 'r2', 'r3'].map((id) => Date.parse(outcomes.get(id)?.attempt.command?.startedAt ?? ''))
    const [first = 0, second = 0, third = 0] = starts
    assert.ok(first >= beforeMs && second >= first + 1200 && third >= second && third <= Date.now(), `${starts}`)
  })

  it('is stopped when it stalls, leaves no disk, and does not try the rest', async () => {
    const outcomes = await run([script('r0', ':'), hanging, script('r2', ':')], { stallMs: 1_500 })
    assert.deepEqual(
      [...outcomes].map(([id, { attempt }]) => [id, attempt.ended, attempt.exitCode, attempt.command?.argv]),
      [
        ['r0', 'exited', 0, ['sh', '-c', ':']],
        ['r1', 'stalled', null, hanging.argv],
        ['r2', 'not tried', null, undefined],
      ],
    )
    assert.ok((outcomes.get('r1')?.attempt.command?.durationMs ?? 0) >= 1_500)
    assert.deepEqual(readdirSync(folder), ['pipe'])
  })

  it('is not stopped while a job prints', async () => {
    const prints = 'for _ in 1 2 3 4 5 6; do sleep 0.5; echo .; done'
    const outcomes = await run([script('r1', prints)], { stallMs: 1_500 })
    assert.equal(outcomes.get('r1')?.attempt.exitCode, 0)
  })

  it('leaves no disk when it is aborted', async () => {
    const stop = new AbortController()
    const reason = new Error('called off')
    const outcomes = run([hanging], { signal: stop.signal })
    await until('half a disk', async () => (existsSync(disk) ? true : undefined), { deadlineMs: 10_000 })
    stop.abort(reason)
    await assert.rejects(outcomes, reason)
    assert.deepEqual(readdirSync(folder), ['pipe'])
  })

  it('is an error when it is killed, and no outcome', async () => {
    // The parent of a job is the batch itself.
    const kill = script('r1', `echo half >'${disk}'; kill -9 $PPID`, { disk })
    await assert.rejects(run([kill]), (error: unknown) => {
      assert.ok(error instanceof CommandError)
      assert.equal(error.result.signal, 'SIGKILL')
      return true
    })
    assert.equal(existsSync(disk), false)
  })

  it('reports why it cannot run', async () => {
    const missing = { id: 'r1', argv: ['/no/such/program'] }
    await assert.rejects(run([missing]), (error: unknown) => {
      assert.ok(error instanceof CommandError)
      assert.match(error.result.stderr, /\/no\/such\/program/)
      return true
    })
  })

  it('starts no process without jobs', async () => {
    const nobody = { uid: -1, gid: -1 }
    assert.equal((await runBatch(shell, [], { part: 'reading', user: nobody, stallMs: 1 })).size, 0)
  })
})
