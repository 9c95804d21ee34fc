import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Argv, CommandError, type Shell } from './shell.ts'

/** Tests what a shell reports about a command. */
export function resultsContract(shell: () => Shell): void {
  describe('results', () => {
    it('reports the exit code, and standard output and standard error separately', async () => {
      const result = await shell().try(['sh', '-c', 'echo out; echo err >&2; exit 7'])
      const { durationMs, ...rest } = result
      assert.deepEqual(rest, {
        where: shell().where,
        command: `sh -c 'echo out; echo err >&2; exit 7'`,
        ended: 'exited',
        exitCode: 7,
        signal: null,
        stdout: 'out\n',
        stderr: 'err\n',
      })
      assert.ok(durationMs > 0 && durationMs < 10_000, `took ${durationMs} ms`)
    })

    it('reports how long a command ran', async () => {
      const { durationMs } = await shell().run(['sleep', '0.3'])
      assert.ok(durationMs >= 290 && durationMs < 5_000, `took ${durationMs} ms`)
    })

    it('reports the signal that ended a command', async () => {
      const result = await shell().try(['sh', '-c', 'kill -9 $$'])
      assert.deepEqual([result.ended, result.exitCode, result.signal], ['signaled', null, 'SIGKILL'])
    })

    it('reports exit code 127 and a reason if the program does not exist', async () => {
      const result = await shell().try(['no-such-program', 'x'])
      assert.deepEqual([result.ended, result.exitCode], ['exited', 127])
      assert.match(result.stderr, /no-such-program.*not found/)
    })

    it('reports exit code 126 and a reason if the file is not executable', async () => {
      const result = await shell().try(['/etc/passwd'])
      assert.deepEqual([result.ended, result.exitCode], ['exited', 126])
      assert.match(result.stderr, /passwd/)
    })

    it('`run` throws the result of a failed command, with a line to paste, and `try` returns it', async () => {
      const command: Argv = ['sh', '-c', 'echo "no: $1" >&2; exit 3', 'sh', "it's"]
      const error = await shell()
        .run(command)
        .catch((thrown: unknown) => thrown)
      assert.ok(error instanceof CommandError)
      const result = await shell().try(command)
      assert.deepEqual({ ...error.result, durationMs: 0 }, { ...result, durationMs: 0 })
      assert.ok(error.message.includes(result.command) && error.message.includes("no: it's"), error.message)
      const pasted = await shell().try({ script: result.command })
      assert.deepEqual([pasted.exitCode, pasted.stderr], [3, "no: it's\n"])
    })

    it('`run` returns the result of a command that succeeds', async () => {
      assert.equal((await shell().run(['true'])).exitCode, 0)
    })
  })
}
