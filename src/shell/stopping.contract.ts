import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { graceMs } from './process.ts'
import { CommandError, type Shell } from './shell.ts'

/** Prints the ids of its own process and of a child, while both sleep. */
const family = 'sleep 60 >/dev/null 2>&1 & echo $$ $!; '
/** Long enough for `family` to print, also on a slow host, and far shorter than its sleep. */
const deadlineMs = 1_500
const farFromItsEndMs = 30_000

/** The ids that `family` printed. */
function idsIn(output: string): readonly string[] {
  assert.match(output, /^\d+ \d+\n$/)
  return output.trim().split(' ')
}

/** Tests how a shell stops commands, and runs many at once. */
export function stoppingContract(shell: () => Shell): void {
  /** True if a process runs. A zombie does not. */
  const isRunning = async (pid: string) => {
    const script = `test -r "/proc/$1/stat" && read -r _ _ state _ <"/proc/$1/stat" && test "$state" != Z`
    return (await shell().try({ script, args: [pid] })).exitCode === 0
  }
  const waitUntilGone = async (pid: string) => {
    const giveUpAt = performance.now() + 20_000
    while (await isRunning(pid)) {
      assert.ok(performance.now() < giveUpAt, `process ${pid} still runs`)
      await delay(50)
    }
  }
  /** Runs `family` until it has printed its ids, and stops it. */
  const stopFamily = async () => {
    const reason = new Error('enough')
    const controller = new AbortController()
    let output = ''
    const onOutput = (chunk: Uint8Array) => {
      output += Buffer.from(chunk)
      if (output.includes('\n')) controller.abort(reason)
    }
    const running = shell().try({ script: `${family} sleep 60` }, { signal: controller.signal, onOutput })
    await assert.rejects(running, reason)
    return idsIn(output)
  }

  describe('stopping', () => {
    it('stops a command and its children at the deadline', async () => {
      // SIGTERM comes before SIGKILL, so the group has time to clean up.
      const script = `trap 'echo goodbye >&2; exit' TERM; ${family} sleep 60`
      const result = await shell().try({ script }, { deadlineMs })
      assert.deepEqual([result.ended, result.exitCode, result.signal], ['deadline', null, null])
      assert.match(result.stderr, /^goodbye$/m)
      assert.ok(result.durationMs >= deadlineMs - 10, `took ${result.durationMs} ms`)
      for (const pid of idsIn(result.stdout)) await waitUntilGone(pid)
    })

    it('kills a command that ignores SIGTERM', async () => {
      const script = `trap '' TERM; ${family} while :; do sleep 1; done`
      const { ended, stdout, durationMs } = await shell().try({ script }, { deadlineMs })
      assert.equal(ended, 'deadline')
      const least = deadlineMs + graceMs - 100
      assert.ok(durationMs >= least && durationMs < farFromItsEndMs, `took ${durationMs} ms`)
      for (const pid of idsIn(stdout)) await waitUntilGone(pid)
    })

    it('lets a command finish its clean-up within the given time', async () => {
      const script = `trap 'sleep ${graceMs / 1000 + 1}; echo tidy; exit' TERM; while :; do sleep 0.2; done`
      const { ended, stdout } = await shell().try({ script }, { deadlineMs, tidyMs: 60_000 })
      assert.equal(ended, 'deadline')
      assert.match(stdout, /^tidy$/m)
    })

    it('does not wait for children that left the process group', async () => {
      const result = await shell().try({ script: `setsid sleep 60 & echo $!; sleep 60` }, { deadlineMs })
      assert.equal(result.ended, 'deadline')
      assert.ok(result.durationMs < farFromItsEndMs, `took ${result.durationMs} ms`)
      assert.equal((await shell().try(['kill', '--', result.stdout.trim()])).exitCode, 0)
    })

    it('`run` throws at the deadline', async () => {
      await assert.rejects(shell().run(['sleep', '60'], { deadlineMs: 200 }), (error) => {
        return error instanceof CommandError && error.result.ended === 'deadline' && /timed out/.test(error.message)
      })
    })

    it('stops a command that prints nothing for too long, and no command that still prints', async () => {
      const script = 'for i in 1 2 3 4; do sleep 0.4; echo $i; done; sleep 60'
      const result = await shell().try({ script }, { stallMs: 1_000 })
      assert.equal(result.ended, 'stalled')
      assert.equal(result.stdout, '1\n2\n3\n4\n')
      assert.ok(result.durationMs >= 2_500, `took ${result.durationMs} ms`)
    })

    it('stops a command when its signal is aborted, and throws the reason', async () => {
      for (const pid of await stopFamily()) await waitUntilGone(pid)
    })

    it('starts nothing if the signal is already aborted', async () => {
      await assert.rejects(shell().try(['true'], { signal: AbortSignal.abort(new Error('never')) }), /never/)
    })
  })

  describe('many at once', () => {
    it('runs twenty commands, each with its own result', async () => {
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, at) =>
          shell().try({ script: 'sleep 0.2; echo "$1"; exit "$1"', args: [`${at}`] }),
        ),
      )
      assert.deepEqual(
        results.map(({ exitCode, stdout }) => [exitCode, stdout]),
        results.map((_, at) => [at, `${at}\n`]),
      )
    })

    it('stops eight commands at once that ignore SIGTERM', async () => {
      const controller = new AbortController()
      const reason = new Error('enough')
      const outputs = Array.from({ length: 8 }, () => '')
      const run = async (_: string, at: number) => {
        const onOutput = (chunk: Uint8Array) => {
          outputs[at] += Buffer.from(chunk).toString()
          if (outputs.every((output) => output.includes('\n'))) controller.abort(reason)
        }
        const script = `trap '' TERM; ${family} while :; do sleep 1; done`
        await assert.rejects(shell().try({ script }, { signal: controller.signal, onOutput }), reason)
      }
      await Promise.all(outputs.map(run))
      for (const pid of outputs.flatMap(idsIn)) await waitUntilGone(pid)
    })

    it('stops twenty commands at once', async () => {
      const families = await Promise.all(Array.from({ length: 20 }, stopFamily))
      for (const pid of families.flat()) await waitUntilGone(pid)
    })
  })
}
