import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OwnTemporaryFolder } from '../localhost/temporary-folder.fixture.ts'
import { CommandError, describeResult, type Shell } from './shell.ts'

/** Tests how a shell captures output. */
export function outputContract(shell: () => Shell): void {
  describe('output', () => {
    /** Every byte value. A terminal, a line reader or a decoder would change some of them. */
    const everyByte = Buffer.from(Array.from({ length: 256 }, (_, value) => value))

    it('passes every byte on unchanged', async () => {
      const sent = Buffer.concat(Array.from({ length: 20_000 }, () => everyByte))
      const received: Record<string, Buffer[]> = { stdout: [], stderr: [] }
      const onOutput = (chunk: Uint8Array, stream: 'stdout' | 'stderr') => received[stream]?.push(Buffer.from(chunk))
      await shell().run(['sh', '-c', 'f=$(mktemp); cat >$f; cat $f; cat $f >&2; rm $f'], { stdin: sent, onOutput })
      for (const [stream, chunks] of Object.entries(received))
        assert.ok(Buffer.concat(chunks).equals(sent), `${stream} is not what was printed`)
    })

    it('keeps the beginning and the end of long output, counts the rest, and writes no file', async () => {
      const script = 'echo first; printf "%5000000s" ""; echo last'
      // A connection that it opens has a folder.
      await shell().run(['true'])
      using temporary = new OwnTemporaryFolder()
      const result = await shell().run({ script: `{ ${script}; }; { ${script}; } >&2` }, { captureBytes: 65 })
      for (const text of [result.stdout, result.stderr]) {
        const [, missing = ''] =
          /^first\n +\n\[(\d+) bytes left out\]\n +last\n$/.exec(text) ?? assert.fail(text.slice(0, 200))
        const notice = `\n[${missing} bytes left out]\n`
        assert.equal(text.length - notice.length + Number(missing), 5_000_011)
        assert.ok(text.length < 40_000, `${text.length} bytes are kept`)
      }
      assert.deepEqual(temporary.names, [])
    })

    it('keeps output whole that is as long as the limit', async () => {
      const result = await shell().run(['printf', '%s', 'x'.repeat(1000)], { captureBytes: 1000 })
      assert.equal(result.stdout, 'x'.repeat(1000))
    })

    for (const stream of ['standard output', 'standard error'])
      it(`stops a command that floods ${stream}, also if the caller receives the output`, async () => {
        const script = `trap 'exit 3' TERM; while :; do printf "%65536s" x; done ${stream === 'standard error' ? '>&2' : ''}`
        let received = 0
        const onOutput = (chunk: Uint8Array) => {
          received += chunk.length
        }
        const result = await shell().try({ script }, { maxOutputBytes: 3_000_000, onOutput })
        assert.deepEqual([result.ended, result.exitCode, result.signal], ['flooded', null, null])
        assert.ok(received <= 3_000_000, `${received} bytes arrived`)
        assert.ok(result.stdout.length + result.stderr.length < 1_200_000)
        assert.match(describeResult(result), /printed more than allowed, and was stopped/)
      })

    it('stops a command that floods without a limit from its caller, and throws', async () => {
      const flood = shell().run(['sh', '-c', 'exec tr "\\0" x </dev/zero'])
      await assert.rejects(flood, (error) => error instanceof CommandError && error.result.ended === 'flooded')
    })

    it('decodes text correctly where chunks or limits split a character', async () => {
      const script = `printf '\\303'; sleep 0.2; printf '\\274\\303\\274'`
      assert.equal((await shell().run({ script })).stdout, 'üü')
      const long = `printf 'ab'; for i in 1 2 3 4 5 6 7 8; do printf '\\303\\274%9999s' ''; done`
      for (const captureBytes of [2, 3, 4]) {
        const { stdout } = await shell().run({ script: long }, { captureBytes })
        assert.match(stdout, /^ab(ü?)\n\[\d+ bytes left out\]\n[ ü]+$/)
      }
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
