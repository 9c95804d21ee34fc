import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'

const isRoot = process.getuid?.() === 0
const nobody = 65534

/** What a function of a module here says in another process: `fine`, or the error. */
function ask(module: string, call: string, launcher: readonly string[] = [], uid?: number): Record<string, string> {
  const program = `
    const all = await import(${JSON.stringify(import.meta.resolve(module))})
    try { await all.${call}; console.log('{"code":"fine"}') }
    catch ({ code, message, remedy }) { console.log(JSON.stringify({ code, message, remedy })) }`
  const [command = '', ...args] = [...launcher, process.execPath, '--input-type=module', '-e', program]
  // Another user cannot write the coverage of ours.
  const env = { ...process.env, NODE_V8_COVERAGE: '' }
  const options = { encoding: 'utf8', cwd: '/', env, ...(uid && { uid, gid: uid }) } as const
  const { stdout, stderr } = spawnSync(command, args, options)
  assert.equal(stderr, '')
  return JSON.parse(stdout) as Record<string, string>
}

const apart = (script: string) => ['unshare', '--user', '--map-root-user', '/bin/sh', '-c', script, 'sh']
const canBeApart = spawnSync('unshare', ['--user', '--map-root-user', 'true']).status === 0

describe('namespaces of an ordinary user', { skip: !canBeApart && 'this user may have none here' }, () => {
  it('are tried', () => {
    assert.equal(ask('./namespace-probe.ts', 'requireNamespaces()').code, 'fine')
  })

  it('are missed with the switch that forbids them, and what to do', () => {
    const launcher = apart('echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"')
    const { code, message, remedy } = ask('./namespace-probe.ts', 'requireNamespaces()', launcher)
    assert.equal(code, 'namespaces-forbidden')
    assert.match(message ?? '', /^this user may not have namespaces of its own here: unshare: /)
    assert.match(
      remedy ?? '',
      /^echo 'user\.max_user_namespaces=15000' \| sudo tee .* && sudo sysctl -p .*--engine container/,
    )
  })
})

const asNobody = { uid: nobody, gid: nobody, cwd: '/' }
const canBeNobody = isRoot && spawnSync(process.execPath, ['--check', import.meta.filename], asNobody).status === 0

describe('what builds a guest image', { skip: !canBeNobody && 'needs root, to be another user' }, () => {
  it('is there, or is installed by root', () => {
    assert.equal(ask('./builder.ts', 'requireBuilder({ install: async () => {} })').code, 'fine')
  })

  it('is what an administrator has to give an ordinary user, in one command', () => {
    const install = 'install: () => { throw new Error("an ordinary user installs nothing") }'
    const { code, message, remedy } = ask('./builder.ts', `requireBuilder({ ${install} })`, [], nobody)
    assert.equal(code, 'builder-missing')
    assert.match(message ?? '', /the guest image cannot be built yet: this machine lacks /)
    assert.match(message ?? '', /subordinate ids for this user$/)
    assert.match(remedy ?? '', /sudo sh -c '.*usermod --add-subuids (\d+-\d+) --add-subgids \1 nobody'/)
  })

  it('cannot be given to a user without a name', () => {
    const { code, message, remedy } = ask('./builder.ts', 'requireBuilder({})', [], 54_321)
    assert.equal(code, 'user-unnamed')
    assert.match(message ?? '', /cannot be built by user 54321, who has no name/)
    assert.match(remedy ?? '', /XDG_CACHE_HOME/)
  })
})
