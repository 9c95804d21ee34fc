import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'

const module = JSON.stringify(new URL('./interrupts.ts', import.meta.url).href)

/** Starts a program that handles interrupts until it has cleaned up, and exits with 7 after a second unless interrupted. */
async function start(cleanUpMs: number) {
  const program = `
    import { onInterrupt } from ${module}
    const interrupts = onInterrupt({
      first: () => { console.log('first'); setTimeout(() => { interrupts[Symbol.dispose](); console.log('clean') }, ${cleanUpMs}) },
      second: () => { console.log('second'); process.exit(130) },
    })
    console.log('ready')
    setTimeout(() => process.exit(7), 3000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  const exit = once(child, 'exit')
  const until = async (word: string) => {
    for (let waitedMs = 0; !output.includes(word); waitedMs += 10) {
      assert.ok(waitedMs < 10_000, output)
      await sleep(10)
    }
  }
  await until('ready')
  return { child, exit, until, output: () => output }
}

describe('interrupts', () => {
  it('count two signals within a moment as one', async () => {
    const { child, exit, until, output } = await start(10_000)
    child.kill('SIGINT')
    await until('first')
    child.kill('SIGINT')
    assert.deepEqual(await exit, [7, null])
    assert.equal(output(), 'ready\nfirst\n')
  })

  it('call for quitting at the second signal', async () => {
    const { child, exit, until, output } = await start(10_000)
    child.kill('SIGINT')
    await until('first')
    await sleep(400)
    child.kill('SIGTERM')
    assert.deepEqual(await exit, [130, null])
    assert.equal(output(), 'ready\nfirst\nsecond\n')
  })

  it('exit with 130 for a signal that comes after cleaning up, and is no duplicate', async () => {
    const { child, exit, until, output } = await start(0)
    child.kill('SIGINT')
    await until('clean')
    child.kill('SIGINT')
    await sleep(400)
    child.kill('SIGINT')
    assert.deepEqual(await exit, [130, null])
    assert.equal(output(), 'ready\nfirst\nclean\n')
  })
})
