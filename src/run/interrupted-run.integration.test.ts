import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { journalOf, main, project } from './run.fixture.ts'

describe('a run that is interrupted', () => {
  async function start(
    folder: string,
    env: Record<string, string> = {},
  ): Promise<ChildProcess & { readonly output: () => string }> {
    const child = spawn(process.execPath, [main], {
      cwd: folder,
      env: { ...process.env, _: '', DR_DRILL_NOHUP: '', ...env },
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk))
    for (let waitedMs = 0; !existsSync(join(folder, 'started')); waitedMs += 20) {
      assert.ok(waitedMs < 20_000 && child.exitCode === null, text)
      await sleep(20)
    }
    return Object.assign(child, { output: () => text })
  }
  const end = (child: ChildProcess): Promise<number | null> => new Promise((resolve) => child.on('close', resolve))

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    it(`by ${signal} cleans up, writes its reports and exits with 130`, async () => {
      const folder = project('long')
      const child = await start(folder)
      const ended = end(child)
      child.kill(signal)
      child.kill(signal)
      assert.equal(await ended, 130, child.output())
      assert.equal(readFileSync(join(folder, 'undone'), 'utf8'), 'lab\n')
      const message = `interrupted by ${signal}. Stopping and cleaning up. Press Ctrl-C again to quit immediately.`
      assert.ok(child.output().includes(message), child.output())
      assert.match(child.output(), /– not run: Never started .*: interrupted by/)
      assert.match(child.output(), /\n0 passed, 1 unknown, 1 skipped\n$/)
      assert.partialDeepStrictEqual(journalOf({ folder }).at(-1), { kind: 'run-ended', exitCode: 130 })
      assert.ok(existsSync(join(folder, 'reports', 'latest', 'index.html')))
    })
  }

  it('by a second Ctrl-C while cleaning up exits with 130 immediately', async () => {
    const folder = project('long')
    const child = await start(folder, { STUCK: '1' })
    const ended = end(child)
    child.kill('SIGINT')
    await sleep(600)
    assert.equal(child.exitCode, null)
    const killedMs = performance.now()
    child.kill('SIGINT')
    assert.equal(await ended, 130)
    assert.ok(performance.now() - killedMs < 12_000)
    assert.match(child.output(), /Quitting immediately\. The lab's guests exit by themselves within seconds\./)
    assert.partialDeepStrictEqual(journalOf({ folder }).at(-1), { kind: 'run-ended', exitCode: 130 })
  })

  it('by kill -9 leaves a readable journal', async () => {
    const folder = project('long')
    const child = await start(folder)
    const ended = end(child)
    child.kill('SIGKILL')
    await ended
    const entries = journalOf({ folder })
    assert.partialDeepStrictEqual(entries[0], { kind: 'run-started' })
    assert.ok(entries.some((entry) => entry.kind === 'phase-started' && entry.phase === 'provision'))
    assert.equal(existsSync(join(folder, 'undone')), false)
  })
})
