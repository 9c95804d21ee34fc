import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { InputError } from '../errors.ts'
import { hostileArguments } from './hostile-arguments.fixture.ts'
import type { Shell } from './shell.ts'

/** Tests how a shell passes arguments, scripts, standard input, environment, directory and user. */
export function inputContract(shell: () => Shell): void {
  describe('input', () => {
    it('passes arguments unchanged', async () => {
      const { stdout } = await shell().run(['printf', '%s\\0', ...hostileArguments])
      assert.deepEqual(stdout.split('\0').slice(0, -1), hostileArguments)
    })

    it('passes standard input to its last byte', async () => {
      const stdin = Uint8Array.from({ length: 3_000_000 }, (_, at) => (at * 7 + (at >> 8)) & 0xff)
      const { stdout } = await shell().run(['sha256sum'], { stdin })
      assert.equal(stdout.split(' ')[0], createHash('sha256').update(stdin).digest('hex'))
    })

    it('leaves standard input empty by default', async () => {
      assert.equal((await shell().run(['cat'])).stdout, '')
    })

    it('accepts a command that does not read its input', async () => {
      assert.equal((await shell().run(['true'], { stdin: Buffer.alloc(4_000_000) })).exitCode, 0)
    })

    it('runs a script with arguments', async () => {
      const script = `printf '%s\\0' "$@"\necho "Größe $#"\ncat <<'EOF'\n$HOME\nEOF`
      const { stdout } = await shell().run({ script, args: hostileArguments })
      assert.deepEqual(stdout.split('\0'), [...hostileArguments, `Größe ${hostileArguments.length}\n$HOME\n`])
    })

    it('ends a script at the first error or unset variable', async () => {
      const failed = await shell().try({ script: 'echo one\nfalse\necho two' })
      assert.deepEqual([failed.exitCode, failed.stdout], [1, 'one\n'])
      const unset = await shell().try({ script: 'echo one\n: "$nothing_has_this_name"\necho two' })
      assert.notEqual(unset.exitCode, 0)
      assert.equal(unset.stdout, 'one\n')
    })

    it('keeps the rest of a script from a command in it that reads standard input', async () => {
      assert.equal((await shell().run({ script: 'echo one\ncat\necho two' })).stdout, 'one\ntwo\n')
    })

    it('runs nothing of an incomplete script', async () => {
      const result = await shell().try({ script: 'echo one\nif true; then' })
      assert.notEqual(result.exitCode, 0)
      assert.equal(result.stdout, '')
    })

    it('shows a script as a command that can be pasted', async () => {
      const result = await shell().run({ script: 'echo "$1"\necho EOF\nEOF=2\n', args: ["it's\n"] })
      assert.equal((await shell().run({ script: result.command })).stdout, result.stdout)
    })

    it('adds variables to the environment', async () => {
      const env = { DRILL_A: hostileArguments.join(''), DRILL_B: '' }
      const { stdout } = await shell().run(
        ['sh', '-c', 'printf "%s\\0" "$DRILL_A" "${DRILL_B-unset}" "${PATH:+kept}"'],
        {
          env,
        },
      )
      assert.deepEqual(stdout.split('\0').slice(0, -1), [env.DRILL_A, '', 'kept'])
    })

    it('runs in the given directory, and not at all if it does not exist', async () => {
      assert.equal((await shell().run(['pwd'], { cwd: '/usr/bin' })).stdout, '/usr/bin\n')
      const result = await shell().try(['touch', '/tmp/must-not-be-there'], { cwd: '/no/such/folder' })
      assert.equal(result.exitCode, 125)
      assert.match(result.stderr, /no\/such\/folder/)
    })

    it('refuses what no host can start, before anything starts', async () => {
      for (const attempt of [
        () => shell().try(['echo', 'a\0b']),
        () => shell().try({ script: 'echo a\0b' }),
        () => shell().try({ script: 'true' }, { stdin: 'x' }),
        () => shell().try(['']),
        () => shell().try(['pwd'], { cwd: 'relative' }),
        () => shell().try(['true'], { env: { 'a=b': 'c' } }),
        () => shell().try(['true'], { user: { uid: -1, gid: 0 } }),
        () => shell().try(['echo', 'x'.repeat(200_000)]),
      ]) {
        await assert.rejects(attempt, InputError)
      }
    })

    it('runs as another user, without supplementary groups', async (test) => {
      if ((await shell().run(['id', '-u'])).stdout !== '0\n') return test.skip('needs root, to run as another user')
      const user = { uid: 42_436, gid: 42_437 }
      const result = await shell().run({ script: 'id -u; id -g; id -G' }, { user, cwd: '/', env: { A: 'b' } })
      assert.equal(result.stdout, '42436\n42437\n42437\n')
      assert.deepEqual(result.user, user)
    })

    it('runs in another mount namespace, also as another user', async (test) => {
      if ((await shell().try(['unshare', '--mount', 'true'])).exitCode !== 0)
        return test.skip('this user may not create mount namespaces')
      const script = `unshare --mount sh -c 'mount -t tmpfs tmpfs /mnt; touch /mnt/seen; exec sleep 60' >/dev/null 2>&1 &
until [ -e "/proc/$!/root/mnt/seen" ]; do sleep 0.05; done; echo $!`
      const holder = (await shell().run({ script })).stdout.trim()
      try {
        const look = { script: 'id -u; cd /mnt; echo *' }
        const inside = { mountNamespace: `/proc/${holder}/ns/mnt`, user: { uid: 42_436, gid: 42_437 } }
        const result = await shell().run(look, inside)
        assert.equal(result.stdout, '42436\nseen\n')
        assert.equal(result.mountNamespace, inside.mountNamespace)
        assert.notEqual((await shell().run(look)).stdout, '0\nseen\n')
      } finally {
        await shell().try(['kill', '--', holder])
      }
    })
  })
}
