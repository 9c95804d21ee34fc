import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { MachineError } from '../errors.ts'
import { LocalShell } from '../shell/local.ts'
import type { Argv, Script, Shell } from '../shell/shell.ts'
import { ask } from './endpoint.ts'
import { type Daemon, findEngine, startDaemon } from './engine.ts'

describe('the container engine', () => {
  it('is found where it answers', async () => {
    assert.match((await findEngine()) ?? '', /^version .+ answers at /)
  })
})

const isRoot = process.getuid?.() === 0
const skip = isRoot && existsSync('/usr/sbin/dockerd') ? false : 'only root, with docker.io installed, can start one'

describe('starting a container engine of our own, beside the one of the machine', { skip }, () => {
  // In a network namespace of its own: an engine without a bridge removes the one that another engine made.
  const local = new LocalShell()
  const shell: Shell = {
    where: local.where,
    run: (command, options) => local.run(apart(command), { ...options, ...input(command) }),
    try: (command, options) => local.try(apart(command), { ...options, ...input(command) }),
  }
  let folder: string
  let daemon: Daemon
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dr-drill-dockerd-'))
    const at = (name: string) => join(folder, name)
    const address = `unix://${at('engine.sock')}`
    const places = ['--host', address, '--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('pid')]
    daemon = {
      endpoint: { address, isGiven: true },
      logFile: at('log'),
      deadlineMs: 60_000,
      args: [...places, '--bridge=none', '--iptables=false'],
    }
  })
  after(async () => {
    const file = join(folder, 'pid')
    const pid = existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined
    if (pid !== undefined && existsSync(`/proc/${pid}`)) process.kill(Number(pid), 'SIGTERM')
    while (pid !== undefined && existsSync(`/proc/${pid}`)) await delay(100)
    // An engine that ends while the next one starts leaves the mount of its data.
    await local.try(['umount', join(folder, 'data')])
    rmSync(folder, { recursive: true, force: true })
  })

  it('shows the end of its log when it does not come up', async () => {
    const broken = { ...daemon, deadlineMs: 1_000, args: ['--no-such-option'] }
    await assert.rejects(
      startDaemon(shell, broken, () => {}),
      (error: unknown) => {
        assert.ok(error instanceof MachineError)
        assert.match(error.message, /did not answer within 1 s[^]*no-such-option/)
        assert.equal(error.remedy, `tail ${daemon.logFile}`)
        return true
      },
    )
  })

  it('waits for one that is still ending', async () => {
    await startDaemon(shell, daemon, () => {})
    process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 'SIGTERM')
    while ((await ask(daemon.endpoint)).kind === 'answers') await delay(5)
    assert.match(await startDaemon(shell, daemon, () => {}), /^version /)
  })

  it('leaves one that answers, in a session of its own', async () => {
    assert.match(await startDaemon(shell, daemon, () => {}), /^version .+ answers at unix:/)
    assert.equal((await ask(daemon.endpoint)).kind, 'answers')
    const pid = readFileSync(join(folder, 'pid'), 'utf8').trim()
    const session = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[3]
    assert.equal(session, pid)
  })
})

function apart(command: Argv | Script): Argv {
  const argv = 'script' in command ? ['sh', '-eu', '-s', '--', ...(command.args ?? [])] : command
  return ['unshare', '--net', ...argv]
}

function input(command: Argv | Script): { readonly stdin?: string } {
  return 'script' in command ? { stdin: command.script } : {}
}
