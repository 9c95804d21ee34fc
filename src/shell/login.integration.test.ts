import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { isProgram } from '../localhost/programs.ts'
import { hostileArguments } from './hostile-arguments.fixture.ts'
import { OpensshShell } from './openssh.ts'
import { ShellError } from './shell.ts'
import { type Account, Sshd, whyNoAccounts } from './sshd.ts'

/** Runs a test with a shell on a host whose login is this account. Skips it if the login shell is not installed. */
async function withLogin(
  test: TestContext,
  account: Account,
  act: (shell: OpensshShell) => Promise<void>,
  deadlineMs?: number,
): Promise<void> {
  if (!isProgram(account.shell)) return test.skip(`${account.shell} is not installed`)
  await using sshd = await Sshd.start(account)
  const { port, username, keyFile } = sshd
  await using shell = new OpensshShell({
    ...{ where: 'host', destination: '127.0.0.1', port, username, key: keyFile, configFile: sshd.clientConfig() },
    deadlineMs,
  })
  await act(shell)
}

/** What every login must do alike: pass on input, output, arguments, exit codes and signals, and stop commands. */
async function works(shell: OpensshShell): Promise<void> {
  const { stdout, stderr } = await shell.run(['printf', '%s\\0', ...hostileArguments])
  assert.deepEqual(stdout.split('\0').slice(0, -1), hostileArguments)
  assert.equal(stderr, '')
  const script = `printf %s "$1"; cat; printf 'err\\303\\274' >&2; exit 3`
  const failed = await shell.try({ script, args: ['it!s\n\\0101 $HOME'] })
  assert.deepEqual([failed.exitCode, failed.stdout, failed.stderr], [3, 'it!s\n\\0101 $HOME', 'errü'])
  assert.equal((await shell.run(['cat'], { stdin: 'line\nno newline' })).stdout, 'line\nno newline')
  assert.equal((await shell.try(['sh', '-c', 'kill -9 $$'])).signal, 'SIGKILL')
  assert.equal((await shell.try(['no-such-program'])).exitCode, 127)
  const stopped = await shell.try(['sh', '-c', 'sleep 60 & echo $!; wait'], { deadlineMs: 500 })
  assert.equal(stopped.ended, 'deadline')
  const isRunning = await shell.try(['grep', '-q', ') [^Z]', `/proc/${stopped.stdout.trim()}/stat`])
  assert.notEqual(isRunning.exitCode, 0, 'the command still runs')
}

describe('a login over ssh', { skip: whyNoAccounts() ?? false }, () => {
  describe('works with the shell', () => {
    for (const shell of ['/bin/sh', '/bin/bash', '/usr/bin/zsh', '/usr/bin/fish', '/usr/bin/tcsh', '/usr/bin/ksh'])
      it(shell, (test) => withLogin(test, { shell }, works))
  })

  describe('works in spite of a start file that', () => {
    const bash = '/bin/bash'
    /** As on Fedora. Then sh takes functions from its environment. */
    const shIsBash = 'mount --bind /bin/bash "$(readlink -f /bin/sh)"'
    const startFiles: readonly [what: string, account: Account][] = [
      ['prints lines', { shell: bash, home: { '.bashrc': 'echo "*** Welcome ***"; echo oops >&2\n' } }],
      ['prints without a newline', { shell: bash, home: { '.bashrc': 'printf "Welcome> "; printf "oops> " >&2\n' } }],
      [
        'prints control sequences and bytes',
        { shell: bash, home: { '.bashrc': `printf '\\033[2J\\0\\377\\r\\n\\a'\n` } },
      ],
      ['prints megabytes', { shell: bash, home: { '.bashrc': 'head -c 3000000 /dev/zero | tee /dev/stderr\n' } }],
      ['prints a mark like ours', { shell: bash, home: { '.bashrc': 'echo dr-drill-1 1; echo dr-drill-end 0 >&2\n' } }],
      [
        'prints at the exit of the shell',
        { shell: bash, home: { '.bashrc': "trap 'echo bye; echo bye >&2; exit 9' EXIT\n" } },
      ],
      ['takes its time', { shell: bash, home: { '.bashrc': 'sleep 0.5\n' } }],
      ['traces commands', { shell: bash, home: { '.bashrc': 'set -vx\n' } }],
      ['ends at errors and unset variables', { shell: bash, home: { '.bashrc': 'set -eu\nset -o pipefail\n' } }],
      [
        'defines aliases and functions',
        {
          shell: bash,
          before: shIsBash,
          home: {
            '.bashrc': `shopt -s expand_aliases; alias sh=false cat=false
for name in sh cat echo read printf eval sleep grep; do
  builtin eval "$name() { builtin echo function; builtin return 1; }; builtin export -f $name"
done\n`,
          },
        },
      ],
      [
        'reads a file for each shell',
        { shell: bash, home: { '.rc': 'echo rc; exit 7\n' }, env: { BASH_ENV: '~/.rc' } },
      ],
      ['lets idle shells time out', { shell: bash, home: { '.bashrc': 'export TMOUT=1; set -o posix\n' } }],
      ['has no PATH', { shell: bash, home: { '.bashrc': 'unset PATH HOME\n' } }],
      [
        'preloads a library that does not exist',
        { shell: bash, home: { '.bashrc': 'export LD_PRELOAD=/no/such.so\n' } },
      ],
      ['sets another language', { shell: bash, home: { '.bashrc': 'export LC_ALL=de_DE.UTF-8 LANGUAGE=de\n' } }],
    ]
    for (const [what, account] of startFiles) it(what, (test) => withLogin(test, account, works))

    it('prints, in fish', (test) =>
      withLogin(
        test,
        { shell: '/usr/bin/fish', home: { '.config/fish/config.fish': 'echo hi; alias cat=false\n' } },
        works,
      ))
    it('prints, in tcsh', (test) =>
      withLogin(
        test,
        { shell: '/usr/bin/tcsh', home: { '.tcshrc': 'echo hi; alias cat false; set noclobber\n' } },
        works,
      ))
  })

  it('has a plain environment: no language, programs of the administrator, nothing of start files', (test) => {
    const home = { '.bashrc': 'export LC_ALL=de_DE.UTF-8 LANGUAGE=de LD_PRELOAD=/no.so PATH=/bin MY=1; unset HOME\n' }
    return withLogin(test, { shell: '/bin/bash', home }, async (shell) => {
      const names = (await shell.run(['env'])).stdout.split('\n')
      assert.ok(names.includes('LC_ALL=C') && names.includes('HOME=/') && names.includes('USER=drill'), names.join(' '))
      assert.ok(
        names.includes('PATH=/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'),
        names.join(' '),
      )
      assert.ok(!names.some((line) => /^(MY|LD_PRELOAD|LANGUAGE)=/.test(line)), names.join(' '))
    })
  })

  describe('is refused in a sentence if its shell', () => {
    const errorOf = async (test: TestContext, account: Account, deadlineMs?: number): Promise<ShellError> => {
      let error: unknown
      await withLogin(
        test,
        account,
        async (shell) => {
          error = await shell.run(['true']).catch((thrown: unknown) => thrown)
        },
        deadlineMs,
      )
      assert.ok(error instanceof ShellError, String(error))
      assert.match(error.remedy ?? '', /^(Log in as a user whose login shell runs commands|Make the start files)/)
      return error
    }
    const refusals: readonly [what: string, account: Account, message: RegExp][] = [
      [
        'is nologin',
        { shell: '/usr/sbin/nologin' },
        /^host: its login shell runs no commands: This account is currently not available\.$/,
      ],
      [
        'is false',
        { shell: '/bin/false' },
        /^host: its login shell runs no commands: it exits with 1 and prints nothing$/,
      ],
      [
        'is true',
        { shell: '/bin/true' },
        /^host: its login shell runs no commands: it exits with 0 and prints nothing$/,
      ],
      ['is git-shell', { shell: '/usr/bin/git-shell' }, /^host: its login shell runs no commands: (fatal: |hint: ).*/],
      ['is restricted', { shell: '/bin/rbash' }, /^host: its login shell runs no commands: .*restricted/],
      [
        'exits in a start file',
        { shell: '/bin/bash', home: { '.bashrc': 'printf "\\033[31mMaintenance!\\033[0m\\n"; exit 0\n' } },
        /runs no commands: Maintenance!$/,
      ],
    ]
    for (const [what, account, message] of refusals)
      it(what, async (test) => {
        assert.match((await errorOf(test, account)).message, message)
      })

    it('waits for someone', async (test) => {
      // It ends with its connection.
      const home = { '.bashrc': 'echo "Press Enter to go on"; tail --pid=$PPID -f /dev/null\n' }
      const { message } = await errorOf(test, { shell: '/bin/bash', home }, 3_000)
      assert.match(message, /^host: its login shell ran no command within 3 s/)
    })

    it('prints without end', async (test) => {
      let error: unknown
      await withLogin(test, { shell: '/bin/bash', home: { '.bashrc': 'yes\n' } }, async (shell) => {
        error = await shell.run(['true']).catch((thrown: unknown) => thrown)
      })
      assert.match(String(error), /host: the start files of its login shell print without end/)
    })
  })
})
