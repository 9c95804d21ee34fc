import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { runOverview } from '../../report/run-overview.ts'
import { entriesOf, main, outcomes, outline, passes, project, takesLong } from './workers.fixture.ts'

describe('a run with two workers that is interrupted', () => {
  const both = { a: [takesLong, passes, passes], b: [takesLong, passes], c: [outline] }
  const marks = (folder: string, word: string) => {
    const text = existsSync(join(folder, 'marks')) ? readFileSync(join(folder, 'marks'), 'utf8') : ''
    return text.split('\n').filter((line) => line === word).length
  }

  async function start(folder: string, env: Record<string, string> = {}) {
    const options = { cwd: folder, detached: true, env: { ...process.env, ...env } }
    const child = spawn(process.execPath, [main, '--parallel', '2'], options)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve))
    for (let waitedMs = 0; marks(folder, 'waiting') < 2; waitedMs += 20) {
      assert.ok(waitedMs < 60_000 && child.exitCode === null, output)
      await sleep(20)
    }
    return { child, ended, output: () => output }
  }
  const toGroup = ({ pid }: ChildProcess, signal: NodeJS.Signals) => process.kill(-(pid ?? 0), signal)
  async function untilGroupIsGone({ pid }: ChildProcess): Promise<void> {
    const end = Date.now() + 30_000
    for (;;) {
      try {
        process.kill(-(pid ?? 0), 0)
      } catch {
        return
      }
      assert.ok(Date.now() < end, 'workers are still running')
      await sleep(50)
    }
  }

  for (const [what, signal] of [
    ['by a signal to the whole group, as Ctrl-C sends it,', toGroup],
    ['by a signal to the parent alone', (child: ChildProcess, name: NodeJS.Signals) => child.kill(name)],
  ] as const)
    it(`${what} cleans up and exits with 130`, async () => {
      const folder = project(both)
      const { child, ended, output } = await start(folder)
      signal(child, 'SIGINT')
      assert.equal(await ended, 130, output())
      assert.equal(marks(folder, 'undone'), 2)
      assert.deepEqual(outcomes(folder), [
        'It passes: not run',
        'It passes: not run',
        'It passes: not run',
        'It takes long: unknown',
        'It takes long: unknown',
        'Number 1: not run',
        'Number 2: not run',
      ])
      assert.match(output(), /^– 7\/7 not run: Number 2 \(features\/c\.feature:8, 0\.0 s\): interrupted by SIGINT$/m)
      assert.equal(runOverview(entriesOf(folder)).errors.length, 1)
      await untilGroupIsGone(child)
    })

  it('by a second Ctrl-C while cleaning up exits with 130 immediately', async () => {
    const folder = project(both)
    const { child, ended } = await start(folder, { STUCK: '1' })
    toGroup(child, 'SIGINT')
    await sleep(600)
    assert.equal(child.exitCode, null)
    toGroup(child, 'SIGINT')
    assert.equal(await ended, 130)
    await untilGroupIsGone(child)
    assert.equal(marks(folder, 'undone'), 0)
  })

  it('by kill -9 of the parent leaves a readable journal, and the workers clean up', async () => {
    const folder = project(both)
    const { child, ended } = await start(folder)
    // A worker's step may run before its entries have reached the parent.
    for (const end = Date.now() + 30_000; runOverview(entriesOf(folder)).drills.length < 2; await sleep(20))
      assert.ok(Date.now() < end, 'the entries of the workers do not reach the run')
    child.kill('SIGKILL')
    await ended
    await untilGroupIsGone(child)
    assert.equal(marks(folder, 'undone'), 2)
    assert.equal(runOverview(entriesOf(folder)).drills.length, 2)
  })
})
