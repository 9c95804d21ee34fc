import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { LocalShell } from './local.ts'
import { plainEnvironment } from './login-line.ts'
import { prepareCommand } from './prepare-command.ts'
import { rooted } from './rooted.ts'
import { type Shell, ShellError, succeeded } from './shell.ts'

const local = new LocalShell(plainEnvironment(process.env))
const drill = 'root:x:0:0::/root:/bin/sh\ndrill:x:4711:4711::/tmp:/bin/sh\n'
const user = { uid: 4711, gid: 4711 }

/** Why the tests cannot run. They use real sudo, with a user and rules that exist only in a mount namespace. */
async function whyNot(): Promise<string | undefined> {
  if (userInfo().uid !== 0) return 'needs root, to make users'
  if ((await local.try(['sudo', '-V'])).exitCode !== 0) return 'sudo is not installed'
  return (await local.try(['unshare', '--mount', 'true'])).exitCode === 0
    ? undefined
    : 'this user may not create mount namespaces'
}

const skip = await whyNot()

describe('a rooted shell', { skip: skip ?? false }, () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'dr-drill-sudo-'))
    chmodSync(folder, 0o755)
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  /** A shell of the user `drill` under these sudo rules. Without rules, sudo does not exist. */
  const shellWith = (rules: string | undefined, passwd = drill): Shell => {
    const file = (name: string, text: string, mode: number) => {
      writeFileSync(join(folder, name), text)
      chmodSync(join(folder, name), mode)
    }
    file('passwd', passwd, 0o644)
    file('shadow', 'root:*:19000::::::\ndrill:*:19000::::::\n', 0o600)
    file('sudoers', rules ?? '', 0o440)
    file('nothing', '', 0o644)
    const hide = rules === undefined ? 'mount --bind "$0/nothing" "$(command -v sudo)";' : ''
    const enter = `for f in passwd shadow sudoers; do mount --bind "$0/$f" "/etc/$f"; done; ${hide}
      exec setpriv --reuid 4711 --regid 4711 --clear-groups -- "$@"`
    const attempt: Shell['try'] = (command, options) => {
      const { argv, stdin } = prepareCommand(command, options)
      return local.try(['unshare', '--mount', 'sh', '-euc', enter, folder, ...argv], { stdin })
    }
    return { where: 'host', try: attempt, run: async (command, options) => succeeded(await attempt(command, options)) }
  }

  it('uses no sudo if the user is root', async () => {
    assert.equal((await rooted(local).run(['sh', '-c', 'id -u; echo "${SUDO_USER-none}"'])).stdout, '0\nnone\n')
  })

  it('becomes root by sudo, and any other user from there', async () => {
    const shell = rooted(shellWith('drill ALL=(root) NOPASSWD: ALL\n'))
    assert.equal(
      (await shell.run({ script: 'id -u; echo "$1 $A"', args: ["it's"] }, { env: { A: 'b' } })).stdout,
      "0\nit's b\n",
    )
    assert.equal((await shell.run(['id', '-u'], { user })).stdout, '4711\n')
  })

  const accepted: readonly [what: string, rules: string][] = [
    ['lectures', 'Defaults lecture=always\ndrill ALL=(root) NOPASSWD: ALL\n'],
    ['has another PATH', 'Defaults secure_path=/nowhere:/usr/bin:/bin\ndrill ALL=(root) NOPASSWD: ALL\n'],
    ['runs commands in a terminal of its own', 'Defaults use_pty\ndrill ALL=(root) NOPASSWD: ALL\n'],
    ['keeps the environment', 'Defaults !env_reset\ndrill ALL=(root) NOPASSWD: SETENV: ALL\n'],
  ]
  for (const [what, rules] of accepted)
    it(`becomes root by a sudo that ${what}`, async () => {
      const shell = rooted(shellWith(rules))
      assert.equal((await shell.run({ script: 'id -u; cat /etc/shadow >/dev/null' })).stdout, '0\n')
      const bytes = Buffer.from([0, 4, 10, 13, 255])
      assert.equal((await shell.run(['od', '-An', '-tu1'], { stdin: bytes })).stdout.trim(), '0   4  10  13 255')
    })

  const refused: readonly [what: string, rules: string | undefined, message: RegExp][] = [
    [
      'sudo asks for a password after a lecture',
      'Defaults lecture=always\ndrill ALL=(root) ALL\n',
      /^host: sudo asks drill for a password$/,
    ],
    [
      'sudo requires a terminal',
      'Defaults requiretty\ndrill ALL=(root) NOPASSWD: ALL\n',
      /^host: sudo requires a terminal for drill \(requiretty\)$/,
    ],
    [
      'sudo allows other users only',
      'drill ALL=(daemon) NOPASSWD: ALL\n',
      /^host: sudo asks drill for a password|^host: sudo does not allow drill to become root: \S/,
    ],
    ['sudo asks for a password', 'drill ALL=(root) ALL\n', /^host: sudo asks drill for a password$/],
    [
      'no rule allows it',
      'root ALL=(ALL) ALL\n',
      /^host: sudo asks drill for a password|sudo does not allow drill to become root/,
    ],
    [
      'sudo is missing',
      undefined,
      /^host: (drill is not root, and sudo is not installed|sudo does not allow drill to become root)/,
    ],
  ]
  for (const [what, rules, message] of refused)
    it(`throws, and runs nothing, if ${what}`, async () => {
      const error = await rooted(shellWith(rules))
        .run(['touch', join(folder, 'done')])
        .catch((thrown: unknown) => thrown)
      assert.ok(error instanceof ShellError, String(error))
      assert.match(error.message, message)
      assert.ok(error.remedy !== undefined)
      assert.notEqual((await local.try(['test', '-e', join(folder, 'done')])).exitCode, 0)
    })

  it('throws for a user who is not in /etc/passwd', async () => {
    const shell = rooted(shellWith('ALL ALL=(root) NOPASSWD: ALL\n', 'root:x:0:0::/root:/bin/sh\n'))
    await assert.rejects(shell.run(['true']), {
      message: 'host: sudo does not know #4711: /etc/passwd has no such user',
      remedy: 'Add the user to /etc/passwd.',
    })
  })

  it('is root also where /etc/passwd is empty', async () => {
    const empty = { script: 'mount --bind /dev/null /etc/passwd; exec id -u' }
    const shell: Shell = {
      where: 'host',
      try: (command) =>
        local.try(
          [
            'unshare',
            '--mount',
            'sh',
            '-euc',
            'mount --bind /dev/null /etc/passwd; exec "$@"',
            'sh',
            ...prepareCommand(command).argv,
          ],
          { stdin: prepareCommand(command).stdin },
        ),
      run: async (command) => succeeded(await shell.try(command)),
    }
    assert.equal((await rooted(shell).run(empty)).stdout, '0\n')
  })
})
