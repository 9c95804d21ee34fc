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
import { queryEngine } from './endpoint.ts'
import { type Daemon, findContainerEngine, startDaemon } from './prepare-container-engine.ts'

describe('the container engine', () => {
  it('is found where it answers', async () => {
    assert.match((await findContainerEngine()) ?? '', /^version .+ at /)
  })
})

const isRoot = process.getuid?.() === 0
const skip = isRoot && existsSync('/usr/sbin/dockerd') ? false : 'needs root, and the package docker.io'

describe('the start of a second container engine on the machine', { skip }, () => {
  // In its own network namespace: an engine without a bridge removes the bridge of another engine.
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
    // An engine that exits while the next one starts leaves its data folder mounted.
    await local.try(['umount', join(folder, 'data')])
    rmSync(folder, { recursive: true, force: true })
  })

  it('fails with the end of the log when the engine does not start', async () => {
    const broken = { ...daemon, deadlineMs: 1_000, args: ['--no-such-option'] }
    await assert.rejects(
      startDaemon(shell, broken, () => {}),
      (error: unknown) => {
        assert.ok(error instanceof MachineError)
        assert.match(error.message, /timed out after 1 s waiting[^]*no-such-option/)
        assert.equal(error.remedy, `tail ${daemon.logFile}`)
        return true
      },
    )
  })

  it('waits for an engine that is still exiting', async () => {
    await startDaemon(shell, daemon, () => {})
    process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 'SIGTERM')
    while ((await queryEngine(daemon.endpoint)).kind === 'answers') await delay(5)
    assert.match(await startDaemon(shell, daemon, () => {}), /^version /)
  })

  it('returns when the engine answers, and leaves it in its own session', async () => {
    assert.match(await startDaemon(shell, daemon, () => {}), /^version .+ at unix:/)
    assert.equal((await queryEngine(daemon.endpoint)).kind, 'answers')
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
