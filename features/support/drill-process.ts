import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  answeringEngines,
  type Drill,
  type EngineName,
  Ledger,
  mountPoints,
  residueOf,
  until,
} from '../../src/index.ts'
import type { Surroundings } from './surroundings.ts'
import { ToolProcess } from './tool-process.ts'

export interface DrillProcessOptions extends Surroundings {
  /** Left out, none is named. */
  readonly engine?: EngineName
  /** Which of several it is: where it is observed, in the journal. */
  readonly name?: string
  /** An empty folder of its own. */
  readonly reports: string
  /** Of `run`: features, options. */
  readonly args: readonly string[]
}

/** What a scenario that waits has in its journal. */
const waiting = '"subject":"waiting"'

/** A run of the tool itself, as a process of its own, with a folder of reports of its own. */
export class DrillProcess {
  readonly #drill: Drill
  readonly #name: string
  readonly #reports: string
  readonly #process: ToolProcess
  readonly #mounts: ReadonlySet<string>

  private constructor(drill: Drill, options: Omit<DrillProcessOptions, 'engine'>, mounts: ReadonlySet<string>) {
    const { name = 'localhost', reports, args } = options
    this.#drill = drill
    this.#name = name
    this.#reports = reports
    this.#mounts = mounts
    mkdirSync(reports, { recursive: true })
    this.#process = drill.own(new ToolProcess(['run', ...args], options))
  }

  static async start(drill: Drill, options: DrillProcessOptions): Promise<DrillProcess> {
    const { args, engine, reports } = options
    const all = [...args, ...(engine === undefined ? [] : ['--engine', engine]), '--reports', reports]
    return new DrillProcess(drill, { ...options, args: all }, await mountPoints())
  }

  /** Of a project of its own, whose configuration says where reports go: to `reports`, if anywhere. */
  static async startIn(drill: Drill, project: string, args: readonly string[]): Promise<DrillProcess> {
    return new DrillProcess(drill, { reports: join(project, 'reports'), args, project }, await mountPoints())
  }

  get pid(): number {
    return this.#process.pid
  }

  /** Its id: the name of its report; or what it said, where its reports cannot be seen from outside. */
  get run(): string {
    const id = /\d{8}t\d{6}-[0-9a-f]{6}/g
    const seen = readdirSync(this.#reports).find((name) => name.match(id))
    // They are in the report of the run that this scenario is of.
    return seen ?? this.#process.output.match(id)?.find((one) => !this.#reports.includes(one)) ?? 'none'
  }

  /** Until so many of its scenarios say that they wait. */
  untilWaiting = (count = 1): Promise<void> => this.untilJournal(waiting, count)

  /** Until its journal has these words in it, so many times. */
  untilJournal = (words: string, count = 1): Promise<void> =>
    this.until(`"${words}" in its journal`, () => this.#journal().split(words).length > count)

  /** Until something is so. @throws when it has ended before */
  async until(what: string, isSo: () => boolean): Promise<void> {
    const ended = this.#process.ended.then((how) => {
      throw new Error(`the drill ended with ${how} before ${what}: ${this.#process.output}`)
    })
    // Seven drills at once take their time on a slow machine.
    const options = { deadlineMs: 600_000, intervalMs: 20, signal: this.#drill.signal }
    await Promise.race([until(what, async () => isSo() || undefined, options), ended])
  }

  /** Until a runbook says that it has begun, by a file beside its facts. */
  untilRunbook = (): Promise<void> =>
    this.until('its runbook to begin', () => {
      const folders = readdirSync(tmpdir()).filter((name) => name.includes(this.run) && name.includes('runbook'))
      return folders.some((name) => existsSync(join(tmpdir(), name, 'begun')))
    })

  interrupt(): void {
    this.#process.signal('SIGINT')
  }

  /** Of the processes that it drills in, the one whose scenario waits. */
  async killWaitingWorker(): Promise<void> {
    const workers = (await new Ledger().read()).filter(({ run }) => run.startsWith(`${this.run}-w`))
    const waits = workers.find(({ run }) => {
      const number = run.slice(run.lastIndexOf('-w') + 2)
      return this.#read('workers', number, 'journal.ndjson').includes(waiting)
    })
    if (waits === undefined)
      throw new Error(`none of ${workers.map(({ run }) => run).join(', ') || 'no workers'} waits`)
    process.kill(waits.owner.pid, 'SIGKILL')
  }

  /** The process that was started first, and no other. */
  kill(): void {
    this.#process.signal('SIGKILL')
  }

  /** All of its processes. */
  killGroup(): void {
    this.#process.killGroup()
  }

  /** Records its end, and what is left of it. */
  async observeEnd(): Promise<void> {
    await this.observeExit()
    await this.observeRest()
  }

  /** Records how it ended and what it printed. */
  async observeExit(): Promise<void> {
    this.#observe('how the drill ended', await this.#process.ended)
    this.#observe('what the drill said', this.#process.output)
  }

  /** Records what another command of the tool prints about this run, e.g. a shell in its lab. */
  async observeCommand(subject: string, args: (run: string) => readonly string[]): Promise<void> {
    using command = new ToolProcess(args(this.run))
    await command.ended
    this.#observe(subject, command.output.trim())
  }

  /** Records, as soon as it is nothing or after 30 s, what is left of it, and its journal. */
  async observeRest(): Promise<void> {
    let left = await this.#left()
    const end = Date.now() + 30_000
    while (left.length > 0 && Date.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      left = await this.#left()
    }
    this.#observe('what is left of the drill', left)
    const books = (await new Ledger().read()).map(({ run }) => run)
    this.#observe(
      'what is left in the ledger',
      books.filter((run) => run.startsWith(this.run)),
    )
    this.#observe('scenarios in its reports', [
      this.#read('junit.xml').match(/<testcase /g)?.length ?? 0,
      this.#read('report.html').match(/"testCaseStarted":/g)?.length ?? 0,
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
    this.#observe('its journal', entries.length > 0 && entries.every(({ seq }, index) => seq === index + 1))
    const notes = entries.flatMap(({ kind, text }) => (kind === 'note' && text !== undefined ? [text] : []))
    this.#observe('the notes in its journal', notes.join('\n'))
    const checkpoints = entries.filter(({ kind, subject }) => kind === 'observation' && subject === 'checkpoint')
    this.#observe('how often it began from a checkpoint', checkpoints.length)
  }

  /** On whatever engine, and folders of which no engine may know. */
  async #left(): Promise<readonly string[]> {
    const engines = await answeringEngines()
    const residue = async () => (await Promise.all(engines.map((engine) => engine.residue()))).flat()
    const found = await residueOf(this.run, this.#mounts, { residue })
    const folders = readdirSync(tmpdir()).filter((name) => name.includes(this.run))
    return [...found.map(({ kind, name }) => `${kind} ${name}`), ...folders.map((name) => `folder ${name}`)]
  }

  #observe(subject: string, facts: unknown): void {
    this.#drill.journal.append({ kind: 'observation', subject, where: this.#name, facts })
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
