import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../src/concurrency/deadline.ts'
import type { Drill } from '../../src/index.ts'
import type { EngineName } from '../../src/lab/engine/engine.ts'
import { answeringEngines } from '../../src/lab/registry/clean.ts'
import { Ledger } from '../../src/lab/registry/ledger.ts'
import { mountPoints, residueOf } from '../../src/lab/registry/residue.ts'
import type { AnyObservation } from '../../src/verdict/observation/define-observation.ts'
import {
  checkpointStarts,
  drillExit,
  drillOutput,
  journalIsReadable,
  journalNotes,
  leftInLedger,
  leftOfDrill,
  reportedScenarios,
  waiting,
} from './observations.ts'
import type { Surroundings } from './surroundings.ts'
import { ToolProcess } from './tool-process.ts'

export interface DrillProcessOptions extends Surroundings {
  /** Undefined to run without `--engine`. */
  readonly engine?: EngineName
  /** Distinguishes several runs in the journal. */
  readonly name?: string
  /** An empty folder. */
  readonly reports: string
  /** Default: `run`. */
  readonly command?: 'run' | 'exercise'
  /** The features and options of `run`. */
  readonly args: readonly string[]
}

type TextOutput = Pick<AnyObservation<string>, 'record'>

/** What the journal of a drill holds when its scenario waits. */
const waitingEntry = `"subject":"${waiting.subject}"`

/** An inner run: dr-drill in a process of its own, with its own folder for reports. */
export class DrillProcess {
  readonly #drill: Drill
  readonly #name: string
  readonly #reports: string
  readonly #process: ToolProcess
  readonly #mounts: ReadonlySet<string>

  private constructor(drill: Drill, options: Omit<DrillProcessOptions, 'engine'>, mounts: ReadonlySet<string>) {
    const { name = 'localhost', reports, args, command = 'run' } = options
    this.#drill = drill
    this.#name = name
    this.#reports = reports
    this.#mounts = mounts
    mkdirSync(reports, { recursive: true })
    this.#process = drill.own(new ToolProcess([command, ...args], options))
  }

  static async start(drill: Drill, options: DrillProcessOptions): Promise<DrillProcess> {
    const { args, engine, reports } = options
    const all = [...args, ...(engine === undefined ? [] : ['--engine', engine]), '--reports', reports]
    return new DrillProcess(drill, { ...options, args: all }, await mountPoints())
  }

  /** Starts a run in a project whose configuration names the folder for reports: `reports`, if any. */
  static async startIn(drill: Drill, project: string, args: readonly string[]): Promise<DrillProcess> {
    return new DrillProcess(drill, { reports: join(project, 'reports'), args, project }, await mountPoints())
  }

  get pid(): number {
    return this.#process.pid
  }

  /** The id of the run: the name of its report, or from its output if its reports cannot be seen from outside. */
  get run(): string {
    const id = /\d{8}t\d{6}-[0-9a-f]{6}/g
    const seen = readdirSync(this.#reports).find((name) => name.match(id))
    // The folder is inside the report of the outer run, whose id is not meant.
    return seen ?? this.#process.output.match(id)?.find((one) => !this.#reports.includes(one)) ?? 'none'
  }

  /** Waits until a number of its scenarios wait. */
  untilWaiting = (count = 1): Promise<void> => this.untilJournal(waitingEntry, count)

  /** Waits until its journal contains a text, a number of times. */
  untilJournal = (words: string, count = 1): Promise<void> =>
    this.until(`"${words}" in its journal`, () => this.#journal().split(words).length > count)

  /** Waits until a condition is true. @throws when the run ends first */
  async until(what: string, isSo: () => boolean): Promise<void> {
    const ended = this.#process.ended.then((how) => {
      throw new Error(`the drill ended with ${how} before ${what}: ${this.#process.output}`)
    })
    // Seven drills at the same time are slow on a small machine.
    const options = { deadlineMs: 600_000, intervalMs: 20, signal: this.#drill.signal }
    await Promise.race([until(what, async () => isSo() || undefined, options), ended])
  }

  /** Waits until a runbook has begun, which writes a file beside its facts. */
  untilRunbook = (): Promise<void> =>
    this.until('its runbook to begin', () => {
      const folders = readdirSync(tmpdir()).filter((name) => name.includes(this.run) && name.includes('runbook'))
      return folders.some((name) => existsSync(join(tmpdir(), name, 'begun')))
    })

  /** Its output so far. */
  get output(): string {
    return this.#process.output
  }

  /** Writes to its standard input. */
  type(text: string): void {
    this.#process.type(text)
  }

  /** The folder of its report. */
  get folder(): string {
    return join(this.#reports, this.run)
  }

  /** Does what a terminal does that is closed. */
  hangUp(): void {
    this.#process.signal('SIGHUP')
  }

  interrupt(): void {
    this.#process.signal('SIGINT')
  }

  /** Kills the worker whose scenario waits. */
  async killWaitingWorker(): Promise<void> {
    const workers = (await new Ledger().read()).filter(({ run }) => run.startsWith(`${this.run}-w`))
    const waits = workers.find(({ run }) => {
      const number = run.slice(run.lastIndexOf('-w') + 2)
      return this.#read('workers', number, 'journal.ndjson').includes(waitingEntry)
    })
    if (waits === undefined)
      throw new Error(`no worker waits; workers: ${workers.map(({ run }) => run).join(', ') || 'none'}`)
    process.kill(waits.owner.pid, 'SIGKILL')
  }

  /** Kills the main process only. */
  kill(): void {
    this.#process.signal('SIGKILL')
  }

  /** Kills all processes of the run. */
  killGroup(): void {
    this.#process.killGroup()
  }

  /** Records how the run ended, and what is left of it. */
  async observeEnd(): Promise<void> {
    await this.observeExit()
    await this.observeRest()
  }

  /** Records how the run ended and what it printed. */
  async observeExit(): Promise<void> {
    drillExit.record(this.#drill.journal, this.#name, await this.#process.ended)
    drillOutput.record(this.#drill.journal, this.#name, this.#process.output)
  }

  /** Records the output of another command on this run, e.g. of a shell in its lab. */
  async observeCommand(output: TextOutput, args: (run: string) => readonly string[]): Promise<void> {
    using command = new ToolProcess(args(this.run))
    await command.ended
    output.record(this.#drill.journal, this.#name, command.standardOutput.trim())
  }

  /** Records what is left of the run, as soon as nothing is left or after 30 s, and its journal. */
  async observeRest(): Promise<void> {
    let left = await this.#left()
    const end = Date.now() + 30_000
    while (left.length > 0 && Date.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      left = await this.#left()
    }
    const { journal } = this.#drill
    leftOfDrill.record(journal, this.#name, left)
    const books = (await new Ledger().read()).map(({ run }) => run)
    leftInLedger.record(
      journal,
      this.#name,
      books.filter((run) => run.startsWith(this.run)),
    )
    reportedScenarios.record(journal, this.#name, [
      this.#read('junit.xml').match(/<testcase /g)?.length ?? 0,
      this.#read('messages.ndjson').match(/^\{"testCaseStarted":/gm)?.length ?? 0,
      this.#read('summary.md').match(/^## [✔✘?–]/gmu)?.length ?? 0,
    ])
    const entries = this.#journal()
      .split('\n')
      .slice(0, -1)
      .map(
        (line) =>
          JSON.parse(line) as {
            readonly seq: number
            readonly kind: string
            readonly text?: string
            readonly subject?: string
          },
      )
    const isReadable = entries.length > 0 && entries.every(({ seq }, index) => seq === index + 1)
    journalIsReadable.record(journal, this.#name, isReadable)
    const notes = entries.flatMap(({ kind, text }) => (kind === 'note' && text !== undefined ? [text] : []))
    journalNotes.record(journal, this.#name, notes.join('\n'))
    const checkpoints = entries.filter(({ kind, subject }) => kind === 'observation' && subject === 'checkpoint')
    checkpointStarts.record(journal, this.#name, checkpoints.length)
  }

  /** What is left on any engine, and folders that no engine may know of. */
  async #left(): Promise<readonly string[]> {
    const { engines } = await answeringEngines()
    const residue = async () => (await Promise.all(engines.map((engine) => engine.residue()))).flat()
    const found = await residueOf(this.run, this.#mounts, { residue })
    const folders = readdirSync(tmpdir()).filter((name) => name.includes(this.run))
    return [...found.map(({ kind, name }) => `${kind} ${name}`), ...folders.map((name) => `folder ${name}`)]
  }

  #journal(): string {
    return this.#read('journal.ndjson')
  }

  #read(...path: readonly string[]): string {
    try {
      return readFileSync(join(this.#reports, this.run, ...path), 'utf8')
    } catch {
      return ''
    }
  }
}
