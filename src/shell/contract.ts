import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { InputError } from '../errors.ts'
import { graceMs } from './process.ts'
import { type Argv, CommandError, type Shell } from './shell.ts'

export type ContractedShell = Shell & Partial<AsyncDisposable>

/** What takes a quoting mistake to the surface. */
export const hostileArguments: readonly string[] = [
  '',
  ' ',
  "it's",
  '"$HOME" `id` $(id) \\',
  '-n',
  '--',
  'a\nb\n',
  '\t\r\x1b[31m\x7f',
  '*?[a]{b,c}~!#;&|<>()',
  'Größe 測試 🙂 e\u0301',
  'EOF',
]

/** Prints the ids of itself and its child, and sleeps in both. */
const family = 'sleep 60 >/dev/null 2>&1 & echo $$ $!; '
/** By then `family` has long printed them, also on a slow host; and far from the end of its sleep. */
const deadlineMs = 1_500
const farFromItsEndMs = 30_000

/** What `family` printed. */
function idsIn(output: string): readonly string[] {
  assert.match(output, /^\d+ \d+\n$/)
  return output.trim().split(' ')
}

/** What every shell must do, whatever is behind it. `makeShell` gives one with POSIX tools, coreutils and util-linux. */
export function shellContract(name: string, makeShell: () => Promise<ContractedShell>): void {
  describe(`${name} keeps the shell contract:`, () => {
    let shell: ContractedShell
    before(async () => {
      shell = await makeShell()
    })
    after(() => shell[Symbol.asyncDispose]?.())

    /** Whether a process is there that runs (a zombie does not). */
    const isRunning = async (pid: string) => {
      const script = `test -r "/proc/$1/stat" && read -r _ _ state _ <"/proc/$1/stat" && test "$state" != Z`
      return (await shell.try({ script, args: [pid] })).exitCode === 0
    }
    const waitUntilGone = async (pid: string) => {
      const giveUpAt = performance.now() + 20_000
      while (await isRunning(pid)) {
        assert.ok(performance.now() < giveUpAt, `process ${pid} still runs`)
        await delay(50)
      }
    }
    /** Runs `family` until it has told its ids, and stops it then. */
    const stopFamily = async () => {
      const reason = new Error('enough')
      const controller = new AbortController()
      let output = ''
      const onOutput = (chunk: Uint8Array) => {
        output += Buffer.from(chunk)
        if (output.includes('\n')) controller.abort(reason)
      }
      const running = shell.try({ script: `${family} sleep 60` }, { signal: controller.signal, onOutput })
      await assert.rejects(running, reason)
      return idsIn(output)
    }

    describe('results', () => {
      it('tells the exit code, and both outputs apart', async () => {
        const result = await shell.try(['sh', '-c', 'echo out; echo err >&2; exit 7'])
        const { durationMs, ...rest } = result
        assert.deepEqual(rest, {
          where: shell.where,
          command: `sh -c 'echo out; echo err >&2; exit 7'`,
          ended: 'exited',
          exitCode: 7,
          signal: null,
          stdout: 'out\n',
          stderr: 'err\n',
        })
        assert.ok(durationMs > 0 && durationMs < 10_000, `took ${durationMs} ms`)
      })

      it('measures how long a command took', async () => {
        const { durationMs } = await shell.run(['sleep', '0.3'])
        assert.ok(durationMs >= 290 && durationMs < 5_000, `took ${durationMs} ms`)
      })

      it('tells the signal that ended a command', async () => {
        const result = await shell.try(['sh', '-c', 'kill -9 $$'])
        assert.deepEqual([result.ended, result.exitCode, result.signal], ['signalled', null, 'SIGKILL'])
      })

      it('gives 127 and a reason for a program that is not there', async () => {
        const result = await shell.try(['no-such-program', 'x'])
        assert.deepEqual([result.ended, result.exitCode], ['exited', 127])
        assert.match(result.stderr, /no-such-program.*not found/)
      })

      it('gives 126 and a reason for a file that is no program', async () => {
        const result = await shell.try(['/etc/passwd'])
        assert.deepEqual([result.ended, result.exitCode], ['exited', 126])
        assert.match(result.stderr, /passwd/)
      })

      it('run throws the result, with a line that can be pasted; try does not', async () => {
        const command: Argv = ['sh', '-c', 'echo "no: $1" >&2; exit 3', 'sh', "it's"]
        const error = await shell.run(command).catch((thrown: unknown) => thrown)
        assert.ok(error instanceof CommandError)
        const result = await shell.try(command)
        assert.deepEqual({ ...error.result, durationMs: 0 }, { ...result, durationMs: 0 })
        assert.ok(error.message.includes(result.command) && error.message.includes("no: it's"), error.message)
        const pasted = await shell.try({ script: result.command })
        assert.deepEqual([pasted.exitCode, pasted.stderr], [3, "no: it's\n"])
      })

      it('run gives the result of a command that succeeds', async () => {
        assert.equal((await shell.run(['true'])).exitCode, 0)
      })
    })

    describe('input', () => {
      it('passes arguments unchanged', async () => {
        const { stdout } = await shell.run(['printf', '%s\\0', ...hostileArguments])
        assert.deepEqual(stdout.split('\0').slice(0, -1), hostileArguments)
      })

      it('feeds standard input, to its last byte', async () => {
        const stdin = Uint8Array.from({ length: 3_000_000 }, (_, at) => (at * 7 + (at >> 8)) & 0xff)
        const { stdout } = await shell.run(['sha256sum'], { stdin })
        assert.equal(stdout.split(' ')[0], createHash('sha256').update(stdin).digest('hex'))
      })

      it('has an empty standard input otherwise', async () => {
        assert.equal((await shell.run(['cat'])).stdout, '')
      })

      it('lets a command ignore its input', async () => {
        assert.equal((await shell.run(['true'], { stdin: Buffer.alloc(4_000_000) })).exitCode, 0)
      })

      it('runs a script with arguments', async () => {
        const script = `printf '%s\\0' "$@"\necho "Größe $#"\ncat <<'EOF'\n$HOME\nEOF`
        const { stdout } = await shell.run({ script, args: hostileArguments })
        assert.deepEqual(stdout.split('\0'), [...hostileArguments, `Größe ${hostileArguments.length}\n$HOME\n`])
      })

      it('ends a script at its first error, or unset variable', async () => {
        const failed = await shell.try({ script: 'echo one\nfalse\necho two' })
        assert.deepEqual([failed.exitCode, failed.stdout], [1, 'one\n'])
        const unset = await shell.try({ script: 'echo one\n: "$nothing_has_this_name"\necho two' })
        assert.notEqual(unset.exitCode, 0)
        assert.equal(unset.stdout, 'one\n')
      })

      it('does not let a command in a script eat the rest of it', async () => {
        assert.equal((await shell.run({ script: 'echo one\ncat\necho two' })).stdout, 'one\ntwo\n')
      })

      it('runs nothing of a script that is not whole', async () => {
        const result = await shell.try({ script: 'echo one\nif true; then' })
        assert.notEqual(result.exitCode, 0)
        assert.equal(result.stdout, '')
      })

      it('can paste what it shows of a script', async () => {
        const result = await shell.run({ script: 'echo "$1"\necho EOF\nEOF=2\n', args: ["it's\n"] })
        assert.equal((await shell.run({ script: result.command })).stdout, result.stdout)
      })

      it('adds to the environment', async () => {
        const env = { DRILL_A: hostileArguments.join(''), DRILL_B: '' }
        const { stdout } = await shell.run(
          ['sh', '-c', 'printf "%s\\0" "$DRILL_A" "${DRILL_B-unset}" "${PATH:+kept}"'],
          {
            env,
          },
        )
        assert.deepEqual(stdout.split('\0').slice(0, -1), [env.DRILL_A, '', 'kept'])
      })

      it('runs in a directory, and in no other', async () => {
        assert.equal((await shell.run(['pwd'], { cwd: '/usr/bin' })).stdout, '/usr/bin\n')
        const result = await shell.try(['touch', '/tmp/must-not-be-there'], { cwd: '/no/such/folder' })
        assert.equal(result.exitCode, 125)
        assert.match(result.stderr, /no\/such\/folder/)
      })

      it('refuses what no host can start, before anything starts', async () => {
        for (const attempt of [
          () => shell.try(['echo', 'a\0b']),
          () => shell.try({ script: 'echo a\0b' }),
          () => shell.try({ script: 'true' }, { stdin: 'x' }),
          () => shell.try(['']),
          () => shell.try(['pwd'], { cwd: 'relative' }),
          () => shell.try(['true'], { env: { 'a=b': 'c' } }),
          () => shell.try(['true'], { user: { uid: -1, gid: 0 } }),
          () => shell.try(['echo', 'x'.repeat(200_000)]),
        ]) {
          await assert.rejects(attempt, InputError)
        }
      })

      it('runs as another user, without other groups', async (test) => {
        if ((await shell.run(['id', '-u'])).stdout !== '0\n') return test.skip('only root can become somebody else')
        const user = { uid: 42_436, gid: 42_437 }
        const result = await shell.run({ script: 'id -u; id -g; id -G' }, { user, cwd: '/', env: { A: 'b' } })
        assert.equal(result.stdout, '42436\n42437\n42437\n')
        assert.deepEqual(result.user, user)
      })

      it('runs in another mount namespace, also as another user there', async (test) => {
        if ((await shell.try(['unshare', '--mount', 'true'])).exitCode !== 0) return test.skip('no namespaces here')
        const script = `unshare --mount sh -c 'mount -t tmpfs tmpfs /mnt; touch /mnt/seen; exec sleep 60' >/dev/null 2>&1 &
until [ -e "/proc/$!/root/mnt/seen" ]; do sleep 0.05; done; echo $!`
        const holder = (await shell.run({ script })).stdout.trim()
        try {
          const look = { script: 'id -u; cd /mnt; echo *' }
          const inside = { mountNamespace: `/proc/${holder}/ns/mnt`, user: { uid: 42_436, gid: 42_437 } }
          const result = await shell.run(look, inside)
          assert.equal(result.stdout, '42436\nseen\n')
          assert.equal(result.mountNamespace, inside.mountNamespace)
          assert.notEqual((await shell.run(look)).stdout, '0\nseen\n')
        } finally {
          await shell.try(['kill', '--', holder])
        }
      })
    })

    describe('output', () => {
      const sizeBytes = 5_000_000
      /** Every byte value, and nothing that a terminal, a line or a decoder would let pass unchanged. */
      const everyByte = Buffer.from(Array.from({ length: 256 }, (_, value) => value))
      const big = Buffer.concat(Array.from({ length: Math.ceil(sizeBytes / 256) }, () => everyByte)).subarray(
        0,
        sizeBytes,
      )

      it('keeps the beginning in memory and all of it in a file', async () => {
        const result = await shell.run(['sh', '-c', 'f=$(mktemp); cat >$f; cat $f; cat $f >&2; rm $f'], {
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

      it('has no file when memory holds it', async () => {
        const result = await shell.run(['printf', '%s', 'x'.repeat(1000)], { captureBytes: 1000 })
        assert.equal(result.stdout.length, 1000)
        assert.equal(result.overflow, undefined)
      })

      it('leaves no file where output is taken as it comes', async () => {
        const ours = () => readdirSync(tmpdir()).filter((name) => /^dr-drill-.*\.std(out|err)$/.test(name))
        const before = new Set(ours())
        let bytes = 0
        const onOutput = (chunk: Uint8Array) => {
          bytes += chunk.length
        }
        const script = 'printf "%5000s" x; printf "%5000s" y >&2'
        const result = await shell.run({ script }, { captureBytes: 65, onOutput })
        assert.deepEqual([bytes, result.stdout.length, result.overflow], [10_000, 65, undefined])
        assert.deepEqual(
          ours().filter((name) => !before.has(name)),
          [],
        )
      })

      it('decodes text whole, wherever chunks and limits cut it', async () => {
        const script = `printf '\\303'; sleep 0.2; printf '\\274\\303\\274'`
        assert.equal((await shell.run({ script })).stdout, 'üü')
        const cut = await shell.run({ script }, { captureBytes: 3 })
        assert.equal(cut.stdout, 'ü')
        const path = cut.overflow?.stdout ?? ''
        assert.equal(readFileSync(path, 'utf8'), 'üü')
        rmSync(path)
      })

      it('shows output as it arrives', async () => {
        const seen: string[] = []
        const done = Promise.withResolvers<void>()
        const stop = new AbortController()
        const running = shell.try(
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

      it('ends a command whose output nobody can take', async () => {
        const full = new Error('full')
        const onOutput = () => {
          throw full
        }
        await assert.rejects(shell.run(['sh', '-c', 'echo one; sleep 60'], { onOutput }), full)
      })
    })

    describe('stopping', () => {
      it('at the deadline, with all of its children', async () => {
        // It is asked to end before it is made to: a group that listens can say goodbye.
        const script = `trap 'echo goodbye >&2; exit' TERM; ${family} sleep 60`
        const result = await shell.try({ script }, { deadlineMs })
        assert.deepEqual([result.ended, result.exitCode, result.signal], ['deadline', null, null])
        assert.match(result.stderr, /^goodbye$/m)
        assert.ok(result.durationMs >= deadlineMs - 10, `took ${result.durationMs} ms`)
        for (const pid of idsIn(result.stdout)) await waitUntilGone(pid)
      })

      it('by force, when it does not listen', async () => {
        const script = `trap '' TERM; ${family} while :; do sleep 1; done`
        const { ended, stdout, durationMs } = await shell.try({ script }, { deadlineMs })
        assert.equal(ended, 'deadline')
        const least = deadlineMs + graceMs - 100
        assert.ok(durationMs >= least && durationMs < farFromItsEndMs, `took ${durationMs} ms`)
        for (const pid of idsIn(stdout)) await waitUntilGone(pid)
      })

      it('by itself, when it is given the time to tidy up that it takes', async () => {
        const script = `trap 'sleep ${graceMs / 1000 + 1}; echo tidy; exit' TERM; while :; do sleep 0.2; done`
        const { ended, stdout } = await shell.try({ script }, { deadlineMs, tidyMs: 60_000 })
        assert.equal(ended, 'deadline')
        assert.match(stdout, /^tidy$/m)
      })

      it('does not wait for what left its process group', async () => {
        const result = await shell.try({ script: `setsid sleep 60 & echo $!; sleep 60` }, { deadlineMs })
        assert.equal(result.ended, 'deadline')
        assert.ok(result.durationMs < farFromItsEndMs, `took ${result.durationMs} ms`)
        assert.equal((await shell.try(['kill', '--', result.stdout.trim()])).exitCode, 0)
      })

      it('run throws for it', async () => {
        await assert.rejects(shell.run(['sleep', '60'], { deadlineMs: 200 }), (error) => {
          return (
            error instanceof CommandError && error.result.ended === 'deadline' && /at its deadline/.test(error.message)
          )
        })
      })

      it('when nothing is printed for too long; progress counts', async () => {
        const script = 'for i in 1 2 3 4; do sleep 0.4; echo $i; done; sleep 60'
        const result = await shell.try({ script }, { stallMs: 1_000 })
        assert.equal(result.ended, 'stalled')
        assert.equal(result.stdout, '1\n2\n3\n4\n')
        assert.ok(result.durationMs >= 2_500, `took ${result.durationMs} ms`)
      })

      it('by the signal of its caller, with the reason of the signal', async () => {
        for (const pid of await stopFamily()) await waitUntilGone(pid)
      })

      it('before it starts', async () => {
        await assert.rejects(shell.try(['true'], { signal: AbortSignal.abort(new Error('never')) }), /never/)
      })
    })

    describe('many at once', () => {
      it('runs twenty commands, each with its own result', async () => {
        const results = await Promise.all(
          Array.from({ length: 20 }, (_, at) =>
            shell.try({ script: 'sleep 0.2; echo "$1"; exit "$1"', args: [`${at}`] }),
          ),
        )
        assert.deepEqual(
          results.map(({ exitCode, stdout }) => [exitCode, stdout]),
          results.map((_, at) => [at, `${at}\n`]),
        )
      })

      it('stops eight commands at the same moment, none of which listens', async () => {
        const controller = new AbortController()
        const reason = new Error('enough')
        const outputs = Array.from({ length: 8 }, () => '')
        const run = async (_: string, at: number) => {
          const onOutput = (chunk: Uint8Array) => {
            outputs[at] += Buffer.from(chunk).toString()
            if (outputs.every((output) => output.includes('\n'))) controller.abort(reason)
          }
          const script = `trap '' TERM; ${family} while :; do sleep 1; done`
          await assert.rejects(shell.try({ script }, { signal: controller.signal, onOutput }), reason)
        }
        await Promise.all(outputs.map(run))
        for (const pid of outputs.flatMap(idsIn)) await waitUntilGone(pid)
      })

      it('stops twenty commands', async () => {
        const families = await Promise.all(Array.from({ length: 20 }, stopFamily))
        for (const pid of families.flat()) await waitUntilGone(pid)
      })
    })
  })
}
