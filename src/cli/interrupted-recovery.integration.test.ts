import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { moments } from '../sampled.fixture.ts'
import { HangingPrograms } from './hanging-programs.fixture.ts'
import { SiteHost } from './site-host.fixture.ts'
import type { StartedCommand } from './started-command.fixture.ts'

const skip = process.getuid?.() !== 0 && 'needs root, to mount'
const question = 'Carry this out at this host? [y/N] '

describe('a question of the command recover', { skip, timeout: 300_000 }, () => {
  let host: SiteHost
  let state: string
  beforeEach(async () => {
    host = await SiteHost.start()
    state = await host.state()
  })
  afterEach(() => host[Symbol.asyncDispose]())

  async function asked(args = ['recover', host.local, '--persist'], text = question): Promise<StartedCommand> {
    const command = host.start(args, { isAtTerminal: true })
    await command.printed(text)
    return command
  }

  const ends: Readonly<Record<string, (command: StartedCommand) => unknown>> = {
    SIGINT: (command) => command.kill('SIGINT'),
    SIGTERM: (command) => command.kill('SIGTERM'),
    SIGHUP: (command) => command.kill('SIGHUP'),
    'Ctrl-C': (command) => command.type('\x03'),
    'Ctrl-C after half an answer': (command) => command.type('ye\x03'),
    'a closed terminal': (command) => command.closeTerminal(),
  }
  for (const [what, end] of Object.entries(ends))
    it(`ends with 130 at ${what}, and nothing was changed`, async () => {
      const command = await asked()
      await end(command)
      assert.equal(await command.ended(), 130, command.output)
      await command.leavesNoProcess()
      assert.equal(await host.state(), state)
    })

  it('is printed without control sequences', async () => {
    const command = await asked()
    command.type('n\r')
    assert.equal(await command.ended(), 1, command.output)
    assert.ok(!command.output.includes('\\u00'), command.output)
    assert.match(command.output, /^Carry this out at this host\? \[y\/N\] n\r?$/m)
  })

  it('ends with 130 at SIGTERM before an undo, and nothing was changed', async () => {
    assert.equal((await host.drill('recover', host.local, '--persist', '--yes')).code, 0)
    const done = await host.state()
    const command = await asked(['recover', host.local, '--undo'], 'Undo this at this host? [y/N] ')
    await command.kill('SIGTERM')
    assert.equal(await command.ended(), 130, command.output)
    await command.leavesNoProcess()
    assert.equal(await host.state(), done)
  })

  for (const [what, typed] of [
    ['Ctrl-D', '\x04'],
    ['an empty line', '\r'],
    ['any other word', 'maybe\r'],
  ] as const)
    it(`takes ${what} for a no`, async () => {
      const command = await asked()
      command.type(typed)
      assert.equal(await command.ended(), 1, command.output)
      assert.match(command.output, /Nothing was changed\./)
      await command.leavesNoProcess()
      assert.equal(await host.state(), state)
    })
})

describe('a command of a site', { skip, timeout: 900_000 }, () => {
  let host: SiteHost
  const programs = new HangingPrograms()
  const { folder } = programs
  before(async () => {
    host = await SiteHost.start()
    await host.output(programs.mountScript)
  })
  after(async () => {
    await host[Symbol.asyncDispose]()
    programs[Symbol.dispose]()
  })

  /** Runs a command to its end, and returns how many programs it starts. */
  async function programsOf(...args: readonly string[]): Promise<number> {
    programs.hangAt(undefined)
    const command = host.start(args, { programs: folder })
    assert.ok([0, 1].includes((await command.ended()) ?? -1), command.output)
    return programs.started.length
  }

  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

  /** Interrupts a command while its nth program hangs. */
  async function interruptAt(number: number, ...args: readonly string[]): Promise<void> {
    programs.hangAt(number)
    const command = host.start(args, { programs: folder })
    await command.until(`program ${number} to hang`, () => programs.hasHung)
    await command.kill(signals[number % signals.length] ?? 'SIGTERM')
    const what = `${args.join(' ')}, at ${programs.started.join(' ')}`
    assert.equal(await command.ended(), 130, `${what}: ${command.output}`)
    await command.leavesNoProcess()
    assert.doesNotMatch(await host.state(), /dr-drill-recovery/, what)
    programs.hangAt(undefined)
  }

  for (const name of ['plan', 'check'])
    it(`${name} ends with 130 whichever program hangs`, async () => {
      const count = await programsOf(name, host.local)
      assert.ok(count >= 3, `${count} programs`)
      for (const number of moments(count)) await interruptAt(number, name, host.local)
    })

  it('recover ends with 130 whichever program hangs, releases its lock, and can be undone and finished', async () => {
    const before = await host.state()
    const recover = ['recover', host.local, '--persist', '--yes']
    const undo = ['recover', host.local, '--undo', '--yes']
    const count = await programsOf(...recover)
    const undoCount = await programsOf(...undo)
    assert.ok(count > 10 && undoCount > 8, `${count} and ${undoCount} programs`)
    assert.equal(await host.state(), before)
    // The last one releases the lock.
    for (const number of moments(count - 1)) {
      await interruptAt(number, ...recover)
      assert.equal((await host.drill(...undo)).code, 0)
      assert.equal(await host.state(), before, `program ${number} of recover`)
    }
    for (const number of moments(undoCount - 1)) {
      assert.equal((await host.drill(...recover)).code, 0)
      await interruptAt(number, ...undo)
      assert.equal((await host.drill(...undo)).code, 0)
      assert.equal(await host.state(), before, `program ${number} of undo`)
    }
  })
})
