import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'

const isRoot = process.getuid?.() === 0
const nobody = 65534

/** Calls a function in another process, and returns its error, or the code `fine`. */
function ask(module: string, call: string, launcher: readonly string[] = [], uid?: number): Record<string, string> {
  const program = `
    const all = await import(${JSON.stringify(import.meta.resolve(module))})
    try { await all.${call}; console.log('{"code":"fine"}') }
    catch ({ code, message, remedy }) { console.log(JSON.stringify({ code, message, remedy })) }`
  const [command = '', ...args] = [...launcher, process.execPath, '--input-type=module', '-e', program]
  // Another user cannot write to our coverage folder.
  const env = { ...process.env, NODE_V8_COVERAGE: '' }
  const options = { encoding: 'utf8', cwd: '/', env, ...(uid && { uid, gid: uid }) } as const
  const { stdout, stderr } = spawnSync(command, args, options)
  assert.equal(stderr, '')
  return JSON.parse(stdout) as Record<string, string>
}

const apart = (script: string) => ['unshare', '--user', '--map-root-user', '/bin/sh', '-c', script, 'sh']
const canBeApart = spawnSync('unshare', ['--user', '--map-root-user', 'true']).status === 0

describe('requireNamespaces', { skip: !canBeApart && 'this user may not create namespaces' }, () => {
  it('accepts a user who may create namespaces', () => {
    assert.equal(ask('./namespace-probe.ts', 'requireNamespaces()').code, 'fine')
  })

  it('reports the switch that forbids namespaces, with a remedy', () => {
    const launcher = apart('echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"')
    const { code, message, remedy } = ask('./namespace-probe.ts', 'requireNamespaces()', launcher)
    assert.equal(code, 'namespaces-forbidden')
    assert.match(message ?? '', /^this user may not create namespaces: unshare: /)
    assert.match(
      remedy ?? '',
      /^Use --engine container, or run as an administrator: echo 'user\.max_user_namespaces=15000' \| sudo tee .* && sudo sysctl -p /,
    )
  })
})

const asNobody = { uid: nobody, gid: nobody, cwd: '/' }
const canBeNobody = isRoot && spawnSync(process.execPath, ['--check', import.meta.filename], asNobody).status === 0

describe('requireBuilder', { skip: !canBeNobody && 'needs root, to be another user' }, () => {
  it('installs missing packages as root', () => {
    assert.equal(ask('./builder.ts', 'requireBuilder({ install: async () => {} })').code, 'fine')
  })

  it('reports one command for the administrator to an ordinary user', () => {
    const install = 'install: () => { throw new Error("an ordinary user installs nothing") }'
    const { code, message, remedy } = ask('./builder.ts', `requireBuilder({ ${install} })`, [], nobody)
    assert.equal(code, 'builder-missing')
    assert.match(message ?? '', /cannot build the guest image: this machine lacks /)
    assert.match(message ?? '', /subordinate ids for this user$/)
    assert.match(remedy ?? '', /sudo sh -c '.*usermod --add-subuids (\d+-\d+) --add-subgids \1 nobody'/)
  })

  it('refuses a user without a name', () => {
    const { code, message, remedy } = ask('./builder.ts', 'requireBuilder({})', [], 54_321)
    assert.equal(code, 'user-unnamed')
    assert.match(message ?? '', /user 54321 has no name on this machine/)
    assert.match(remedy ?? '', /XDG_CACHE_HOME/)
  })
})
