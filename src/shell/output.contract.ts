import assert from 'node:assert/strict'
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, it } from 'node:test'
import type { Shell } from './shell.ts'

/** Tests how a shell captures output. */
export function outputContract(shell: () => Shell): void {
  describe('output', () => {
    const sizeBytes = 5_000_000
    /** Every byte value. A terminal, a line reader or a decoder would change some of them. */
    const everyByte = Buffer.from(Array.from({ length: 256 }, (_, value) => value))
    const big = Buffer.concat(Array.from({ length: Math.ceil(sizeBytes / 256) }, () => everyByte)).subarray(
      0,
      sizeBytes,
    )

    it('keeps the beginning of long output in memory, and all of it in a file', async () => {
      const result = await shell().run(['sh', '-c', 'f=$(mktemp); cat >$f; cat $f; cat $f >&2; rm $f'], {
        stdin: big,
        captureBytes: 65,
      })
      for (const stream of ['stdout', 'stderr'] as const) {
        assert.equal(result[stream], big.toString('latin1', 0, 65))
        const path = result.overflow?.[stream]
        assert.ok(path !== undefined)
        assert.ok(readFileSync(path).equals(big), 'the file is not what was printed')
        assert.equal(statSync(path).mode & 0o777, 0o600)
        rmSync(path)
      }
    })

    it('writes no file for output that fits in memory', async () => {
      const result = await shell().run(['printf', '%s', 'x'.repeat(1000)], { captureBytes: 1000 })
      assert.equal(result.stdout.length, 1000)
      assert.equal(result.overflow, undefined)
    })

    it('writes no file if the caller receives the output', async () => {
      const ours = () => readdirSync(tmpdir()).filter((name) => /^dr-drill-.*\.std(out|err)$/.test(name))
      const before = new Set(ours())
      let bytes = 0
      const onOutput = (chunk: Uint8Array) => {
        bytes += chunk.length
      }
      const script = 'printf "%5000s" x; printf "%5000s" y >&2'
      const result = await shell().run({ script }, { captureBytes: 65, onOutput })
      assert.deepEqual([bytes, result.stdout.length, result.overflow], [10_000, 65, undefined])
      assert.deepEqual(
        ours().filter((name) => !before.has(name)),
        [],
      )
    })

    it('decodes text correctly where chunks or limits split a character', async () => {
      const script = `printf '\\303'; sleep 0.2; printf '\\274\\303\\274'`
      assert.equal((await shell().run({ script })).stdout, 'üü')
      const cut = await shell().run({ script }, { captureBytes: 3 })
      assert.equal(cut.stdout, 'ü')
      const path = cut.overflow?.stdout ?? ''
      assert.equal(readFileSync(path, 'utf8'), 'üü')
      rmSync(path)
    })

    it('passes output on as it arrives', async () => {
      const seen: string[] = []
      const done = Promise.withResolvers<void>()
      const stop = new AbortController()
      const running = shell().try(
        { script: 'echo one; echo two >&2; sleep 60' },
        {
          signal: stop.signal,
          onOutput: (chunk, stream) => {
            seen.push(`${stream} ${Buffer.from(chunk)}`)
            if (seen.length === 2) done.resolve()
          },
        },
      )
      await done.promise
      stop.abort(new Error('seen'))
      await assert.rejects(running, /seen/)
      assert.deepEqual(seen.toSorted(), ['stderr two\n', 'stdout one\n'])
    })

    it('stops a command if the receiver of its output throws', async () => {
      const full = new Error('full')
      const onOutput = () => {
        throw full
      }
      await assert.rejects(shell().run(['sh', '-c', 'echo one; sleep 60'], { onOutput }), full)
    })
  })
}
