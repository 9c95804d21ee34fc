import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Drill, Ledger, mountPoints, openEngine, residueOf, until } from '../../src/index.ts'

/** What a scenario that waits has in its journal. */
const waiting = '"subject":"waiting"'

/** A run of the tool itself, as a process of its own, with a folder of reports of its own. */
export class DrillProcess {
  readonly #drill: Drill
  readonly #reports: string
  readonly #child: ChildProcess
  readonly #ended: Promise<number | string>
  readonly #mounts: ReadonlySet<string>
  #output = ''

  private constructor(
    drill: Drill,
    reports: string,
    args: readonly string[],
    mounts: ReadonlySet<string>,
    environment: NodeJS.ProcessEnv,
    project: string,
  ) {
    this.#drill = drill
    this.#reports = reports
    this.#mounts = mounts
    mkdirSync(reports, { recursive: true })
    const [node, cli] = [process.execPath, process.argv[1] ?? '']
    // In a process group of its own, so that all of it can be killed at once.
    this.#child = spawn(node, [cli, 'run', ...args], {
      cwd: project,
      detached: true,
      env: { ...process.env, ...environment },
    })
    this.#child.stdout?.on('data', (chunk) => {
      this.#output += chunk
    })
    this.#child.stderr?.on('data', (chunk) => {
      this.#output += chunk
    })
    this.#ended = new Promise((resolve, reject) => {
      this.#child.on('error', reject)
      this.#child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown'))
    })
    drill.own({ [Symbol.dispose]: () => this.#signal('SIGKILL') })
  }

  static async start(
    drill: Drill,
    reports: string,
    args: readonly string[],
    environment: NodeJS.ProcessEnv = {},
  ): Promise<DrillProcess> {
    const toThere = [...args, '--reports', reports]
    return new DrillProcess(drill, reports, toThere, await mountPoints(), environment, process.cwd())
  }

  /** Of a project of its own, whose configuration says where reports go: to `reports`, if anywhere. */
  static async startIn(drill: Drill, project: string, args: readonly string[]): Promise<DrillProcess> {
    return new DrillProcess(drill, join(project, 'reports'), args, await mountPoints(), {}, project)
  }

  /** Until so many of its scenarios say that they wait. */
  async untilWaiting(count = 1): Promise<void> {
    await until(
      `the drill waits (it said: ${this.#output})`,
      async () => this.#journal().split(waiting).length > count || undefined,
      {
        deadlineMs: 120_000,
        signal: this.#drill.signal,
      },
    )
  }

  /** To the process, or to all of its group. */
  interrupt(signal: 'SIGINT' | 'SIGTERM'): void {
    this.#child.kill(signal)
  }

  /** Of the processes that it drills in, the one whose scenario waits. */
  async killWaitingWorker(): Promise<void> {
    const workers = (await new Ledger().read()).filter(({ run }) => run.startsWith(`${this.#run()}-w`))
    const waits = workers.find(({ run }) => {
      const number = run.slice(run.lastIndexOf('-w') + 2)
      return this.#read('workers', number, 'journal.ndjson').includes(waiting)
    })
    if (waits === undefined)
      throw new Error(`none of ${workers.map(({ run }) => run).join(', ') || 'no workers'} waits`)
    process.kill(waits.owner.pid, 'SIGKILL')
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  killGroup(): void {
    this.#signal('SIGKILL')
  }

  /** Records its end, and what is left of it. */
  async observeEnd(): Promise<void> {
    await this.observeExit()
    await this.observeRest()
  }

  /** Records how it ended and what it printed. */
  async observeExit(): Promise<void> {
    this.#observe('how the drill ended', await this.#ended)
    this.#observe('what the drill said', this.#output)
  }

  /** Records what another command of the tool prints about this run, e.g. a shell in its lab. */
  async observeCommand(subject: string, args: (run: string) => readonly string[]): Promise<void> {
    const command = spawn(process.execPath, [process.argv[1] ?? '', ...args(this.#run())])
    let output = ''
    command.stdout.on('data', (chunk) => {
      output += chunk
    })
    await once(command, 'close')
    this.#observe(subject, output.trim())
  }

  /** Records, as soon as it is nothing or after 30 s, what is left of it, and whether its journal can be read. */
  async observeRest(): Promise<void> {
    const engine = await openEngine('container')
    const look = async () =>
      (await residueOf(this.#run(), this.#mounts, engine)).map(({ kind, name }) => `${kind} ${name}`)
    let left = await look()
    const end = Date.now() + 30_000
    while (left.length > 0 && Date.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      left = await look()
    }
    this.#observe('what is left of the drill', left)
    const books = await new Ledger().read()
    this.#observe(
      'what is left in the ledger',
      books.map(({ run }) => run).filter((run) => run.startsWith(this.#run())),
    )
    this.#observe('scenarios in its reports', [
      this.#read('junit.xml').match(/<testcase /g)?.length ?? 0,
      this.#read('report.html').match(/"testCaseStarted":/g)?.length ?? 0,
      this.#read('summary.md').match(/^## [✔✘?–]/gmu)?.length ?? 0,
    ])
    const lines = this.#journal().split('\n').slice(0, -1)
    this.#observe(
      'its journal',
      lines.map((line) => (JSON.parse(line) as { seq: number }).seq).every((seq, index) => seq === index + 1),
    )
  }

  #observe(subject: string, facts: unknown): void {
    this.#drill.journal.append({ kind: 'observation', subject, where: 'localhost', facts })
  }

  #run(): string {
    return readdirSync(this.#reports).find((name) => /^\d/.test(name)) ?? 'none'
  }

  #journal(): string {
    return this.#read('journal.ndjson')
  }

  #read(...path: readonly string[]): string {
    try {
      return readFileSync(join(this.#reports, this.#run(), ...path), 'utf8')
    } catch {
      return ''
    }
  }

  #signal(signal: NodeJS.Signals): void {
    try {
      if (this.#child.pid !== undefined) process.kill(-this.#child.pid, signal)
    } catch {
      // All of it has ended already.
    }
  }
}
