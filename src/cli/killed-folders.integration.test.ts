import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Sshd, whyNoSshd } from '../shell/sshd.ts'
import { StartedCommand } from './started-command.fixture.ts'

const program = fileURLToPath(new URL('./bin.ts', import.meta.url))
const moduleAt = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)

describe('a temporary folder', { timeout: 600_000, skip: whyNoSshd() ?? false }, () => {
  let sshd: Sshd
  before(async () => {
    sshd = await Sshd.start()
  })
  after(() => sshd[Symbol.asyncDispose]())
  let place: string
  let env: NodeJS.ProcessEnv
  let temporary: string
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), 'killed-'))
    temporary = join(place, 'tmp')
    for (const name of ['tmp', 'beside']) mkdirSync(join(place, name))
    env = { ...process.env, TMPDIR: temporary, XDG_STATE_HOME: join(place, 'state') }
  })
  afterEach(() => rmSync(place, { recursive: true, force: true }))

  /** Programs that hold a folder, and never end by themselves. */
  const holders = {
    'for intermediate files': () => `
      const { LeasedFolder } = await import(${moduleAt('../localhost/leased-folder.ts')})
      await LeasedFolder.temporary('dr-drill-any-')`,
    'for a draft beside a target': () => `
      const { LeasedFolder } = await import(${moduleAt('../localhost/leased-folder.ts')})
      await LeasedFolder.at('${place}/beside/.target.12345678')`,
    'for a connection of OpenSSH': () => {
      const options = {
        where: 'a',
        destination: '127.0.0.1',
        username: sshd.username,
        port: sshd.port,
        key: sshd.keyFile,
      }
      return `
      const { OpensshShell } = await import(${moduleAt('../shell/openssh.ts')})
      const shell = new OpensshShell(${JSON.stringify({ ...options, configFile: sshd.clientConfig() })})
      await shell.run(['true'])`
    },
    'for the socket of a server of images': () => `
      const { NbdServer } = await import(${moduleAt('../content/nbd-server.ts')})
      await NbdServer.start(['sh', '-c', 'exec sleep 1000', 'sh'])`,
  }
  const folders = () =>
    ['tmp', 'beside'].flatMap((name) => readdirSync(join(place, name)).map((one) => join(place, name, one)))
  const records = () => {
    const folder = join(place, 'state/dr-drill/folders')
    return existsSync(folder) ? readdirSync(folder) : []
  }

  async function started(holder: () => string): Promise<{ owner: number; command: StartedCommand }> {
    const file = join(place, 'holder.ts')
    writeFileSync(file, `${holder()}\nconsole.log('owner ' + process.pid + ' holds')\nsetInterval(() => {}, 1000)\n`)
    const command = new StartedCommand([process.execPath, file], { env })
    await command.printed('holds')
    // While a program starts, the system does not show whose it is.
    await command.until('its watcher', () => command.pids().length > 1)
    return { command, owner: Number(/owner (\d+)/.exec(command.output)?.[1]) }
  }
  async function clean(...args: readonly string[]): Promise<string> {
    const command = new StartedCommand([process.execPath, program, 'clean', ...args], { env })
    assert.equal(await command.ended(), 0, command.output)
    return command.output
  }
  const signalAll = (pids: readonly number[], signal: NodeJS.Signals) => {
    for (const pid of pids)
      try {
        process.kill(pid, signal)
      } catch {
        // One may have ended with another.
      }
  }
  const killAll = async ({ command }: { command: StartedCommand }) => {
    // The owner and its watcher die together, so that neither sees the other end.
    signalAll(command.pids(), 'SIGSTOP')
    signalAll(command.pids(), 'SIGKILL')
    await command.leavesNoProcess()
  }

  for (const [what, holder] of Object.entries(holders)) {
    it(`${what} is removed by clean after all processes were killed, and not while they run`, async () => {
      const held = await started(holder)
      const [folder = assert.fail('no folder')] = folders()
      assert.doesNotMatch(await clean(), new RegExp(folder))
      assert.deepEqual(folders(), [folder])
      await killAll(held)
      assert.deepEqual(folders(), [folder])
      assert.ok((await clean('--dry-run')).includes(`would remove folder ${folder}\n`))
      assert.deepEqual(folders(), [folder])
      assert.ok((await clean()).includes(`removed folder ${folder}\n`))
      assert.deepEqual([folders(), records()], [[], []])
    })

    it(`${what} is removed by clean while its watcher is stopped, and so is the watcher`, async () => {
      const { command, owner } = await started(holder)
      signalAll(
        command.pids().filter((pid) => pid !== owner),
        'SIGSTOP',
      )
      signalAll([owner], 'SIGKILL')
      await command.ended()
      assert.equal(folders().length, 1)
      assert.match(await clean(), /removed process watcher of /)
      await command.leavesNoProcess()
      assert.deepEqual([folders(), records()], [[], []])
    })
  }

  it('of processes that were killed is removed when the next command creates one', async () => {
    const [holder] = Object.values(holders)
    assert.ok(holder)
    await killAll(await started(holder))
    const [killed] = folders()
    const next = await started(holder)
    assert.equal(folders().length, 1)
    assert.notDeepEqual(folders(), [killed])
    assert.equal(records().length, 1)
    signalAll([next.owner], 'SIGKILL')
    await next.command.leavesNoProcess()
    assert.deepEqual([folders(), records()], [[], []])
  })

  it('that was replaced by another folder at its path is kept', async () => {
    const holder = holders['for a draft beside a target']
    await killAll(await started(holder))
    const [path = ''] = folders()
    rmSync(path, { recursive: true })
    mkdirSync(`${path}-other`)
    mkdirSync(path)
    await clean()
    assert.ok(existsSync(path))
  })
})
