import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { until } from '../../../concurrency/deadline.ts'
import { openContainerEngine } from './container-engine.ts'

it('the janitor removes a container that was never started, if its creator is killed with its process group', async () => {
  const engine = await openContainerEngine()
  const run = `janitor-${process.pid}-${Date.now().toString(36)}`
  const ours = async () => (await engine.residue()).filter((residue) => residue.run === run)
  const fixture = fileURLToPath(new URL('./janitor.fixture.ts', import.meta.url))
  const creator = spawn(process.execPath, [fixture, run, 'lab'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(creator.stdout, 'data')
  try {
    assert.equal((await ours()).length, 1)
    process.kill(-(creator.pid ?? 0), 'SIGKILL')
    await until('the removal', async () => ((await ours()).length === 0 ? true : undefined), { deadlineMs: 30_000 })
  } finally {
    for (const one of await ours()) await engine.remove(one)
  }
})

it('disposing the janitor waits for its end, also in a process that waits for nothing else', () => {
  const module = (path: string) => JSON.stringify(import.meta.resolve(path))
  const program = `
    import Dockerode from ${module('dockerode')}
    import { Janitor } from ${module('./janitor.ts')}
    await new Janitor(new Dockerode({ socketPath: '/nowhere' }), 'run', 'lab')[Symbol.asyncDispose]()
    console.log('ended')`
  const args = ['--input-type=module', '-e', program]
  const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  assert.deepEqual([stdout, status], ['ended\n', 0])
})
