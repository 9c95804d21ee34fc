import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Sshd, whyNoSshd } from '../shell/sshd.ts'
import { StartedCommand, type StartOptions } from './started-command.fixture.ts'

const program = fileURLToPath(new URL('./bin.ts', import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), 'interrupted-'))
after(() => rmSync(scratch, { recursive: true, force: true }))
const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/** An environment in which a command leaves its files in folders of its own. */
function folders(name: string): NodeJS.ProcessEnv {
  const [temporary, state] = ['tmp', 'state'].map((one) => join(scratch, name, one))
  for (const folder of [temporary, state]) mkdirSync(folder ?? '', { recursive: true })
  const { _, DR_DRILL_NOHUP, ...inherited } = process.env
  return { ...inherited, TMPDIR: temporary, XDG_STATE_HOME: state }
}

function start(args: readonly string[], options?: StartOptions): StartedCommand {
  return new StartedCommand([process.execPath, program, ...args], options)
}

async function endsInterrupted(command: StartedCommand): Promise<void> {
  assert.equal(await command.ended(), 130, command.output)
  await command.leavesNoProcess()
}

describe('target create', { timeout: 300_000 }, () => {
  const args = (name: string) => ['target', 'create', join(scratch, name), '--workloads', '2000', '--snapshots', '30']
  const hasBegun = () => readdirSync(scratch).some((name) => name.startsWith('target-') || name.startsWith('.target-'))

  for (const signal of signals)
    it(`removes the target and exits with 130 at ${signal}`, async () => {
      const command = start(args('target-1'))
      await command.until('images to be written', hasBegun)
      await command.kill(signal)
      await endsInterrupted(command)
      assert.equal(hasBegun(), false, readdirSync(scratch).join(' '))
    })

  it('ignores SIGHUP if it was started by nohup', async () => {
    const command = new StartedCommand(
      ['sh', '-c', 'exec nohup "$@" </dev/null', 'sh', process.execPath, program, ...args('target-2')],
      {
        env: { ...folders('nohup'), _: '/usr/bin/nohup' },
      },
    )
    await command.until('images to be written', hasBegun)
    await command.kill('SIGHUP')
    const written = () =>
      readdirSync(join(scratch, readdirSync(scratch).find((name) => name.includes('target-2')) ?? '')).length
    const before = written()
    await command.until('more workloads', () => written() > before)
    await command.kill('SIGTERM')
    await endsInterrupted(command)
  })
})

describe('assess', { timeout: 300_000 }, () => {
  const target = join(scratch, 'assessed')
  const site = ['--distribution', 'juju', '--version', '4.1', '--share', '10.10.2.20:/upstream']
  const assess = ['assess', target, ...site, '--json']

  it('exits with 130 when its output is closed, and while no one reads it', async () => {
    const made = start(['target', 'create', target, '--workloads', '40', '--snapshots', '10'])
    assert.equal(await made.ended(), 0, made.output)
    const closed = start(assess)
    await closed.printed('"kind"')
    closed.closeOutput()
    await endsInterrupted(closed)
    assert.doesNotMatch(closed.messages, /dr-drill|Error/)
    for (const signal of signals) {
      const stuck = start(assess, { isRead: false })
      await stuck.fillsPipe()
      await stuck.kill(signal)
      await endsInterrupted(stuck)
    }
  })
})

describe('a command with its result', () => {
  it('keeps its exit code when its output is closed', async () => {
    for (const [args, code] of [
      [['completion', 'bash'], 0],
      [['assess', join(scratch, 'nothing'), '--distribution', 'juju', '--version', '4.1'], 2],
    ] as const) {
      const command = start(args)
      command.closeOutput()
      assert.equal(await command.ended(), code, command.output)
    }
  })

  it('exits with 3 if it cannot be written', async () => {
    const command = new StartedCommand([
      'sh',
      '-c',
      'exec "$@" >/dev/full',
      'sh',
      process.execPath,
      program,
      'lab',
      'list',
    ])
    assert.equal(await command.ended(), 3)
    assert.match(command.messages, /^dr-drill: the disk is full: cannot write to standard output: ENOSPC/)
  })
})

describe('hosts', { skip: whyNoSshd() ?? false, timeout: 300_000 }, () => {
  for (const signal of signals)
    it(`closes its sessions and exits with 130 at ${signal}, while another host is silent`, async () => {
      await using sshd = await Sshd.start()
      const silent = createServer(() => {}).listen(0, '127.0.0.1')
      await once(silent, 'listening')
      const { port } = silent.address() as { readonly port: number }
      const inventory = join(scratch, `hosts-${signal}.yaml`)
      const node = (name: string, at: number) =>
        `{ name: ${name}, address: 127.0.0.1, port: ${at}, user: ${sshd.username}, key: ${sshd.keyFile}, service: host }`
      writeFileSync(inventory, `sites: [{ name: a, nodes: [${node('good', sshd.port)}, ${node('silent', port)}] }]`)
      const env = folders(`hosts-${signal}`)
      const connected = new Promise((resolve) => silent.once('connection', resolve))
      const command = start(['hosts', inventory, '--ssh-config', sshd.clientConfig()], { env })
      await connected
      await command.until('a session', () => sshd.connections > 0)
      await command.kill(signal)
      await endsInterrupted(command)
      for (; sshd.connections > 0; ) await delay(20)
      assert.deepEqual(readdirSync(join(scratch, `hosts-${signal}`, 'tmp')), [])
      silent.close()
    })
})

describe('setup', { timeout: 300_000 }, () => {
  it('exits with 130 while it waits for another setup', async () => {
    const env = { ...folders('setup'), XDG_CACHE_HOME: join(scratch, 'setup', 'cache') }
    const state = join(scratch, 'setup', 'state', 'dr-drill')
    mkdirSync(state)
    const other = spawn('sh', [
      '-c',
      'exec 9>"$1"; flock 9; echo locked; exec sleep 1000',
      'sh',
      join(state, 'setup.lock'),
    ])
    await once(other.stdout, 'data')
    for (const signal of signals) {
      const command = start(['setup', '--engine', 'embedded'], { env })
      await command.printed('waiting for another setup to finish')
      await command.kill(signal)
      await endsInterrupted(command)
    }
    other.kill('SIGKILL')
  })
})

describe('assess with few file descriptors', { timeout: 300_000 }, () => {
  it('exits with 3, or judges all, and ends no process but its own', async () => {
    const target = join(scratch, 'few')
    const made = start(['target', 'create', target])
    assert.equal(await made.ended(), 0, made.output)
    const assess = ['assess', target, '--distribution', 'juju', '--version', '4.1', '--share', '10.10.2.20:/upstream']
    // With fewer, Node itself does not start.
    for (const count of [25, 27, 30]) {
      const script = `ulimit -n ${count}; "$@" || echo "exit code $?"`
      const command = new StartedCommand([
        'setsid',
        '-w',
        'sh',
        '-c',
        script,
        'sh',
        process.execPath,
        program,
        ...assess,
      ])
      assert.equal(await command.ended(), 0, command.output)
      const [, code] = /^exit code (\d+)$/m.exec(command.output) ?? []
      if (code === undefined) {
        // A slow machine opens fewer files at the same time, and reads all of them.
        assert.ok(count > 25, command.output)
        assert.match(command.output, /^4 of 4 workloads have a restorable snapshot/)
      } else {
        assert.equal(code, '3')
        assert.match(command.output, /EMFILE|^ {2}unknown {2}unreadable/m)
      }
      assert.doesNotMatch(command.messages, /\n\s+at /)
    }
  })
})
