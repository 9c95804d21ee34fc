import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)
/** A processor that this process may use. */
const processor = /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'

/** How long a thread waited for a processor that it shares with all others that are started here. */
async function waitedMs(act: string): Promise<number> {
  const program = `
    import { ownThreadId, waitedForProcessorMs } from '${import.meta.dirname}/processor-wait.ts'
    const compute = (ms) => { for (const start = performance.now(); performance.now() - start < ms; ); }
    const sleep = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
    const before = waitedForProcessorMs(ownThreadId())
    ${act}
    console.log(waitedForProcessorMs(ownThreadId()) - before)`
  const node = [process.execPath, '--input-type=module', '--eval', program]
  return Number((await run('taskset', ['-c', processor, ...node])).stdout)
}

test('threads that share a processor wait for it, and sleeping threads do not', async () => {
  const waited = await Promise.all([waitedMs('compute(800)'), waitedMs('compute(800)'), waitedMs('sleep(800)')])
  const [one = 0, other = 0, sleeper = 0] = waited
  assert.ok(one + other > 400, `${waited}`)
  assert.ok(sleeper < (one + other) / 2, `${waited}`)
})
