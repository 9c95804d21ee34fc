import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { LocalShell } from './local.ts'
import { rooted } from './rooted.ts'
import { type Shell, ShellError, succeeded } from './shell.ts'
import { wrap } from './wrap.ts'

const local = new LocalShell()
const user = { uid: 4711, gid: 4711 }

/** Real sudo, for a user of this test, with rules of this test: in a mount namespace where both are to be seen. */
async function whyNot(): Promise<string | undefined> {
  if (userInfo().uid !== 0) return 'only root can make users for it'
  if ((await local.try(['sudo', '-V'])).exitCode !== 0) return 'sudo is not installed'
  return (await local.try(['unshare', '--mount', 'true'])).exitCode === 0 ? undefined : 'no mount namespaces here'
}

const skip = await whyNot()

describe('a shell that becomes root', { skip: skip ?? false }, () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'dr-drill-sudo-'))
    chmodSync(folder, 0o755)
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  /** The drill's user on this machine, as sudo knows them by these rules; without any, there is no sudo. */
  const shellWith = (rules: string | undefined): Shell => {
    const file = (name: string, text: string, mode: number) => {
      writeFileSync(join(folder, name), text)
      chmodSync(join(folder, name), mode)
    }
    file('passwd', 'root:x:0:0::/root:/bin/sh\ndrill:x:4711:4711::/tmp:/bin/sh\n', 0o644)
    file('shadow', 'root:*:19000::::::\ndrill:*:19000::::::\n', 0o600)
    file('sudoers', rules ?? '', 0o440)
    file('nothing', '', 0o644)
    const hide = rules === undefined ? 'mount --bind "$0/nothing" "$(command -v sudo)";' : ''
    const enter = `for f in passwd shadow sudoers; do mount --bind "$0/$f" "/etc/$f"; done; ${hide}
      exec setpriv --reuid 4711 --regid 4711 --clear-groups -- "$@"`
    const attempt: Shell['try'] = (command, options) => {
      const { argv, stdin } = wrap(command, options)
      return local.try(['unshare', '--mount', 'sh', '-euc', enter, folder, ...argv], { stdin })
    }
    return { where: 'host', try: attempt, run: async (command, options) => succeeded(await attempt(command, options)) }
  }

  it('is root without sudo where it is root already', async () => {
    assert.equal((await rooted(local).run(['sh', '-c', 'id -u; echo "${SUDO_USER-none}"'])).stdout, '0\nnone\n')
  })

  it('is root by sudo, and anybody else from there', async () => {
    const shell = rooted(shellWith('drill ALL=(root) NOPASSWD: ALL\n'))
    assert.equal(
      (await shell.run({ script: 'id -u; echo "$1 $A"', args: ["it's"] }, { env: { A: 'b' } })).stdout,
      "0\nit's b\n",
    )
    assert.equal((await shell.run(['id', '-u'], { user })).stdout, '4711\n')
  })

  const refused: readonly [what: string, rules: string | undefined, message: RegExp][] = [
    ['sudo would ask for a password', 'drill ALL=(root) ALL\n', /^host: sudo would ask drill for a password$/],
    [
      'nobody allows it',
      'root ALL=(ALL) ALL\n',
      /^host: sudo would ask drill for a password|may not become root by sudo/,
    ],
    ['there is no sudo', undefined, /^host: drill (is not root, and there is no sudo|may not become root by sudo)/],
  ]
  for (const [what, rules, message] of refused)
    it(`says so, and runs nothing, where ${what}`, async () => {
      const error = await rooted(shellWith(rules))
        .run(['touch', join(folder, 'done')])
        .catch((thrown: unknown) => thrown)
      assert.ok(error instanceof ShellError, String(error))
      assert.match(error.message, message)
      assert.ok(error.remedy !== undefined)
      assert.notEqual((await local.try(['test', '-e', join(folder, 'done')])).exitCode, 0)
    })
})
