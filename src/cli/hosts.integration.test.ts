import assert from 'node:assert/strict'
import { accessSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { type Account, Sshd, whyNoAccounts } from '../shell/sshd.ts'
import { SiteHost } from './site-host.fixture.ts'

const noise = `echo "*** Welcome ***"; echo oops >&2; printf '\\033[2J> '; trap 'echo bye' EXIT; set -x; alias ls=false\n`
const rules = 'drill ALL=(root) NOPASSWD: ALL\n'
const bash = '/bin/bash'
/** Puts a file of the home folder in the place of Python, and Python in the place of `real`. */
const replacePython = `python=$(readlink -f /usr/bin/python3); touch "$1/real"
mount --bind "$python" "$1/real"; mount --bind "$1/python" "$python"`
/** Only the folders of the test stay as they are. */
const closeTmp = `mkdir /run/keep; mount --rbind /tmp /run/keep; mount -t tmpfs none /tmp
for folder in "$site" "\${1%/*}"; do
  case $folder in /tmp/*) mkdir -p "$folder"; mount --rbind "/run/keep/\${folder#/tmp/}" "$folder" ;; esac
done
mount -o remount,ro,noexec /tmp`
const removePython = `mount -t tmpfs none /mnt; mkdir /mnt/upper /mnt/work
mount -t overlay none -o lowerdir=/usr/bin,upperdir=/mnt/upper,workdir=/mnt/work /usr/bin; rm /usr/bin/python3`

describe('hosts over ssh', { skip: whyNoAccounts() ?? false, timeout: 1_800_000 }, () => {
  let site: SiteHost
  before(async () => {
    site = await SiteHost.start()
  })
  after(() => site[Symbol.asyncDispose]())

  /** Starts a server with the share of the site, and calls commands with its inventory. */
  const withHost = async (
    test: TestContext,
    { before: more = ':', etc = {}, ...account }: Account,
    act: (drill: (command: string, ...args: string[]) => ReturnType<SiteHost['drill']>) => Promise<void>,
    sudo = 'auto',
  ): Promise<void> => {
    const needed = [account.shell, ...('/etc/sudoers' in etc ? ['/usr/bin/sudo'] : [])]
    for (const program of needed)
      try {
        accessSync(program)
      } catch {
        return test.skip(`${program} is not installed`)
      }
    const mounts = `site='${site.folder}'; mount -t tmpfs none /run; mkdir /run/sshd; mkdir -p '${site.local}'; mount --bind '${site.data}' '${site.local}'`
    await using sshd = await Sshd.start({ ...account, etc, before: `${mounts}\n${more}` })
    const inventory = join(site.folder, 'site.yaml')
    writeFileSync(
      inventory,
      `sites:
  - name: recovery
    nodes:
      - { name: node, address: 127.0.0.1, port: ${sshd.port}, user: drill, key: ${sshd.keyFile}, sudo: ${sudo}, service: host }
`,
    )
    const config = ['--ssh-config', sshd.clientConfig()]
    await act((command, ...args) =>
      command === 'hosts'
        ? site.drill('hosts', inventory, ...config, ...args)
        : site.drill(command, site.local, '--inventory', inventory, ...config, ...args),
    )
  }

  describe('that are ready can be recovered:', () => {
    const ready: readonly [what: string, account: Account][] = [
      ['root with start files that print', { shell: bash, uid: 0, home: { '.bashrc': noise } }],
      [
        'a user of bash with sudo',
        {
          shell: bash,
          home: { '.bashrc': `export LC_ALL=de_DE.UTF-8 PATH=/usr/bin LD_PRELOAD=/no.so\n${noise}` },
          etc: { '/etc/sudoers': `Defaults lecture=always,secure_path=/usr/bin:/bin:/usr/sbin:/sbin\n${rules}` },
        },
      ],
      [
        'a user of fish with sudo',
        {
          shell: '/usr/bin/fish',
          home: { '.config/fish/config.fish': 'echo hi; echo oops >&2\n' },
          etc: { '/etc/sudoers': `Defaults use_pty\n${rules}` },
        },
      ],
      [
        'a user of tcsh with sudo',
        { shell: '/bin/tcsh', home: { '.tcshrc': 'echo hi\n' }, etc: { '/etc/sudoers': rules } },
      ],
      [
        'root with a start file that prints while commands run',
        {
          shell: bash,
          uid: 0,
          home: {
            '.bashrc': '(for i in 1 2 3 4 5 6 7 8; do echo late; printf "{late"; echo oops >&2; sleep 0.05; done) &\n',
          },
        },
      ],
      [
        'root with a python3 that prints warnings',
        {
          shell: bash,
          uid: 0,
          home: {
            python:
              '#!/bin/sh\nprintf "DEPRECATED!"; echo "DEPRECATED" >&2; "$(dirname "$0")/real" "$@"; code=$?; echo bye; exit $code\n',
          },
          before: replacePython.replace(
            'mount --bind "$1/python"',
            'sed -i "s,\\$(dirname \\"\\$0\\"),$1," "$1/python"; mount --bind "$1/python"',
          ),
        },
      ],
      [
        'root with a home that can be neither written nor executed',
        { shell: bash, uid: 0, before: 'mount --bind "$1" "$1"; mount -o remount,bind,ro,noexec "$1"' },
      ],
      ['root with a /tmp that can be neither written nor executed', { shell: bash, uid: 0, before: closeTmp }],
    ]
    for (const [what, account] of ready)
      it(what, (test) =>
        withHost(test, account, async (drill) => {
          const hosts = await drill('hosts')
          assert.deepEqual([hosts.code, hosts.stderr], [0, ''], hosts.stdout)
          const plan = await drill('plan', '--json')
          assert.equal(plan.code, 1, plan.stdout + plan.stderr)
          if (!what.startsWith('root')) return
          const recover = await drill('recover', '--yes')
          assert.equal(recover.code, 0, recover.stdout + recover.stderr)
          const check = await drill('check')
          assert.equal(check.code, 0, check.stdout + check.stderr)
          const undo = await drill('recover', '--undo', '--yes')
          assert.equal(undo.code, 0, undo.stdout + undo.stderr)
        }),
      )
  })

  describe('that are not ready are reported in a sentence:', () => {
    const problems: readonly [what: string, account: Account, code: number, message: RegExp][] = [
      [
        'nologin',
        { shell: '/usr/sbin/nologin' },
        3,
        /its login shell runs no commands: This account is currently not available\. Log in as/,
      ],
      [
        'sudo with a password',
        { shell: bash, etc: { '/etc/sudoers': 'drill ALL=(root) ALL\n' } },
        3,
        /sudo asks drill for a password Allow sudo/,
      ],
      [
        'sudo with a terminal',
        { shell: bash, etc: { '/etc/sudoers': `Defaults requiretty\n${rules}` } },
        3,
        /sudo requires a terminal for drill/,
      ],
      [
        'no python3',
        { shell: bash, uid: 0, before: removePython },
        1,
        /\/usr\/bin\/python3 is not installed (apt-get|dnf) install/,
      ],
      [
        'an old python3',
        {
          shell: bash,
          uid: 0,
          home: { python: `#!/bin/sh\ncat >/dev/null; echo '{"python": [3, 4]}'\n` },
          before: replacePython,
        },
        1,
        /\/usr\/bin\/python3 is version 3\.4, and must be 3\.6 or later/,
      ],
      [
        'a python3 that does not run',
        {
          shell: bash,
          uid: 0,
          home: { python: '#!/bin/sh\necho "error while loading shared libraries: libx.so" >&2; exit 127\n' },
          before: replacePython,
        },
        1,
        /\/usr\/bin\/python3 does not run: error while loading shared libraries: libx\.so/,
      ],
      [
        'a python3 that prints without end',
        { shell: bash, uid: 0, home: { python: '#!/bin/sh\nexec yes\n' }, before: replacePython },
        1,
        /\/usr\/bin\/python3 does not run: it prints without end/,
      ],
      [
        'a python3 that does nothing',
        { shell: bash, uid: 0, home: { python: '#!/bin/sh\necho hi\n' }, before: replacePython },
        1,
        /\/usr\/bin\/python3 does not run: it prints hi/,
      ],
      [
        'a /run that cannot be written',
        { shell: bash, uid: 0, before: 'mount -o remount,ro /run' },
        1,
        /\/run cannot be written/,
      ],
    ]
    for (const [what, account, code, message] of problems)
      it(what, (test) =>
        withHost(test, account, async (drill) => {
          const hosts = await drill('hosts')
          assert.match(hosts.stdout.replaceAll(/\s+/g, ' '), message)
          assert.deepEqual([hosts.code, hosts.stderr], [code, ''], hosts.stdout)
          assert.doesNotMatch(hosts.stdout, /Unexpected|Traceback|JSON|undefined/)
        }),
      )

    it('a user without sudo', (test) =>
      withHost(
        test,
        { shell: bash },
        async (drill) => {
          const { code, stdout } = await drill('hosts')
          assert.match(stdout, /commands run as drill, and not as root: the inventory has sudo: never/)
          assert.equal(code, 1)
        },
        'never',
      ))
  })
})
