import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { until } from '../concurrency/deadline.ts'
import { labProcesses } from '../lab/engine/embedded/processes.ts'
import { openEngine } from '../lab/engine/open-engine.ts'
import { StartedCommand } from './started-command.fixture.ts'

const program = fileURLToPath(new URL('./bin.ts', import.meta.url))
const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const
const engine = await openEngine('embedded')
const image = await engine.image().catch(() => undefined)
const skip = image === undefined && 'not run: the guest image is not built (./drill setup --engine embedded)'

/** A folder for temporary files, and one for the state of commands. Both are empty again once their labs have ended. */
class Place implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'labs-'))
  readonly temporary = join(this.#folder, 'tmp')
  readonly state = join(this.#folder, 'state')
  readonly topology = join(this.#folder, 'small.yaml')

  constructor() {
    for (const folder of [this.temporary, this.state]) mkdirSync(folder)
    writeFileSync(
      this.topology,
      `shares: [{ share: "10.10.2.20:/upstream" }]
sites:
  - { name: a, distribution: kolla, version: "6.1", shares: ["10.10.2.20:/upstream"], nodes: [{ name: node, role: appliance }] }
`,
    )
  }

  start(args: readonly string[], isAtTerminal = false): StartedCommand {
    const { _, DR_DRILL_NOHUP, ...inherited } = process.env
    const env = { ...inherited, TMPDIR: this.temporary, XDG_STATE_HOME: this.state }
    return new StartedCommand([process.execPath, program, ...args], { env, isAtTerminal })
  }

  /** True once a machine of a lab has a folder. */
  get hasMachine(): boolean {
    return readdirSync(this.temporary).some(
      (name) => name.startsWith('dr-drill-lab-') && readdirSync(join(this.temporary, name)).length > 1,
    )
  }

  /** Files and processes that labs have left. */
  async left(): Promise<readonly string[]> {
    const ofState = ['runs', 'labs', 'folders'].map((name) => join(this.state, 'dr-drill', name))
    const files = [this.temporary, ...ofState].flatMap((folder) =>
      existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [],
    )
    const residue = await engine.residue()
    const ours = residue.filter(({ name }) => name.startsWith(this.temporary))
    return [...files, ...ours.map(({ name }) => name)]
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids)
    try {
      process.kill(pid, signal)
    } catch {
      // One may have ended with another.
    }
}

async function endsInterrupted(command: StartedCommand): Promise<void> {
  assert.equal(await command.ended(), 130, command.output)
  await command.leavesNoProcess()
}

describe('a lab that is being started', { skip, timeout: 900_000 }, () => {
  let place: Place
  beforeEach(() => {
    place = new Place()
  })
  afterEach(() => place[Symbol.dispose]())
  const commands = {
    'lab up': () => ['lab', 'up', place.topology, '--engine', 'embedded'],
    doctor: () => ['doctor', '--engine', 'embedded'],
  }
  for (const [name, args] of Object.entries(commands)) {
    for (const signal of signals)
      it(`by ${name} is removed at ${signal}`, async () => {
        const command = place.start(args())
        await command.until('a machine to start', () => place.hasMachine)
        await command.kill(signal)
        await endsInterrupted(command)
        assert.deepEqual(await place.left(), [])
      })
    it(`by ${name} is removed when its terminal is closed`, async () => {
      const command = place.start(args(), true)
      await command.until('a machine to start', () => place.hasMachine)
      command.closeTerminal()
      await endsInterrupted(command)
      assert.deepEqual(await place.left(), [])
    })
  }
})

describe('doctor', { skip, timeout: 300_000 }, () => {
  let place: Place
  beforeEach(() => {
    place = new Place()
  })
  afterEach(() => place[Symbol.dispose]())

  /** Starts it, and waits until its lab has a machine. Then it has a folder for boot logs too. */
  async function started(): Promise<StartedCommand> {
    const command = place.start(['doctor', '--engine', 'embedded'])
    // Only `clean` removes the folder of a lab whose watcher does not run yet.
    await command.until('a machine to start', () => place.hasMachine)
    return command
  }

  it('leaves nothing if a second Ctrl-C ends it immediately', async () => {
    const command = await started()
    await command.kill('SIGINT')
    await command.kill('SIGINT')
    await endsInterrupted(command)
    await untilEmpty()
  })

  it('leaves nothing if it is killed', async () => {
    const command = await started()
    await command.kill('SIGKILL')
    await command.leavesNoProcess()
    await untilEmpty()
  })

  it('leaves nothing that clean does not remove if it is killed with all its processes', async () => {
    const command = await started()
    for (let pids = command.pids(); pids.length > 0; pids = command.pids()) signalAll(pids, 'SIGKILL')
    assert.match((await place.left()).join('\n'), /dr-drill-doctor-/)
    const clean = place.start(['clean'])
    assert.equal(await clean.ended(), 0, clean.output)
    assert.match(clean.output, /^removed folder \S+\/dr-drill-doctor-/m)
    assert.deepEqual(await place.left(), [])
  })

  /** The ledger keeps a run that was killed: the next run removes it. */
  async function untilEmpty(): Promise<void> {
    const isLeft = async () => (await place.left()).some((name) => !name.includes('/dr-drill/runs/'))
    await until('nothing to be left', async () => !(await isLeft()) || undefined, { deadlineMs: 30_000 })
  }
})

describe('shell', { skip, timeout: 900_000 }, () => {
  const place = new Place()
  before(async () => {
    const up = place.start(['lab', 'up', place.topology, '--engine', 'embedded'])
    assert.equal(await up.ended(), 0, up.output)
  })
  after(async () => {
    const down = place.start(['lab', 'down', '--all'])
    assert.equal(await down.ended(), 0, down.output)
    assert.deepEqual(await place.left(), [])
    place[Symbol.dispose]()
  })
  /** A command in a machine, which outlives no session. */
  const marker = (number: number) => `sleep 10${number}`
  async function isRunning(command: string): Promise<boolean> {
    const list = place.start(['shell', 'a/node', 'pgrep', '-fx', command])
    return (await list.ended()) === 0
  }

  for (const [index, signal] of signals.entries())
    it(`ends a command in a machine with 130 at ${signal}`, async () => {
      const command = place.start(['shell', 'a/node', 'sh', '-c', `echo begun; exec ${marker(index)}`])
      await command.printed('begun')
      await command.kill(signal)
      await endsInterrupted(command)
      assert.equal(await isRunning(marker(index)), false)
    })

  it('kills a command in a machine that ignores SIGTERM', async () => {
    const command = place.start(['shell', 'a/node', 'sh', '-c', "trap '' TERM; echo begun; sleep 1004; sleep 1004"])
    await command.printed('begun')
    await command.kill('SIGTERM')
    await endsInterrupted(command)
    assert.equal(await isRunning('sleep 1004'), false)
  })

  it('passes Ctrl-C to the machine, and ends with 130 when its terminal is closed', async () => {
    const command = place.start(['shell', 'a/node'], true)
    command.type('echo be"gun"; sleep 1005\r')
    await command.printed('begun')
    command.type('\x03')
    command.type('echo al"ive"; sleep 1006\r')
    await command.printed('alive')
    command.closeTerminal()
    await endsInterrupted(command)
    for (const one of ['sleep 1005', 'sleep 1006']) assert.equal(await isRunning(one), false)
  })

  for (const signal of ['SIGTERM', 'SIGHUP'] as const)
    it(`restores the terminal and ends a session with 130 at ${signal}`, async () => {
      const command = place.start(['shell', 'a/node'], true)
      command.type('echo be"gun"; sleep 1007\r')
      await command.printed('begun')
      await command.kill(signal)
      await endsInterrupted(command)
      assert.equal(await isRunning('sleep 1007'), false)
    })
})

describe('a lab that was killed', { skip, timeout: 900_000 }, () => {
  let place: Place
  beforeEach(() => {
    place = new Place()
  })
  afterEach(() => place[Symbol.dispose]())

  async function up(): Promise<StartedCommand> {
    const command = place.start(['lab', 'up', place.topology, '--engine', 'embedded'])
    assert.equal(await command.ended(), 0, command.output)
    return command
  }
  const runOf = ({ output }: StartedCommand): string => /Lab (\S+) is running/.exec(output)?.[1] ?? assert.fail(output)
  async function printed(...args: readonly string[]): Promise<string> {
    const command = place.start(args)
    assert.equal(await command.ended(), 0, command.output)
    return command.output
  }
  /** All processes of a lab, and the one that owns it. */
  async function processesOf(command: StartedCommand) {
    const machines = (await labProcesses()).filter(({ run }) => run === runOf(command))
    const owner = machines[0]?.owner?.pid ?? assert.fail('it has no owner')
    return { owner, all: [...machines.flatMap(({ pids }) => pids), ...command.pids()] }
  }

  const kills: Readonly<Record<string, (lab: { readonly owner: number; readonly all: readonly number[] }) => void>> = {
    'with all its processes': ({ all }) => signalAll([...all, ...all], 'SIGKILL'),
    'while its processes were stopped': ({ owner, all }) => {
      signalAll(all, 'SIGSTOP')
      signalAll([owner], 'SIGKILL')
    },
  }
  for (const [how, kill] of Object.entries(kills))
    it(`${how} is removed by the next one, which touches no lab that is alive`, async () => {
      const alive = await up()
      const killed = await up()
      const processes = await processesOf(killed)
      kill(processes)
      const isLeft = async () => (await place.left()).filter((name) => name.includes(runOf(killed)))
      assert.notDeepEqual(await isLeft(), [])
      const next = await up()
      assert.match(next.output, new RegExp(`^removed what dead runs left behind: .*${runOf(killed)}`, 'm'))
      assert.deepEqual(await isLeft(), [])
      assert.deepEqual(
        (await labProcesses()).filter(({ run }) => run === runOf(killed)),
        [],
      )
      for (const lab of [alive, next])
        assert.match(await printed('shell', '--run', runOf(lab), 'a/node', 'echo', 'answers'), /^answers$/m)
      await printed('lab', 'down', '--all')
      // Watchers of folders that were stopped went on, and ended.
      await killed.leavesNoProcess()
      assert.deepEqual(await place.left(), [])
    })
})
