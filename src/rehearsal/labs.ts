import { join } from 'node:path'
import { until } from '../concurrency/deadline.ts'
import type { Drill } from '../drill/drill.ts'
import { recordedShell } from '../drill/recorded-shell.ts'
import type { Run } from '../drill/run-context.ts'
import type { Finding, Journal } from '../journal/journal.ts'
import { setUpManager } from '../lab/appliance/set-up-manager.ts'
import { type Engine, type Residue, runVariable } from '../lab/engine/engine.ts'
import { openEngine } from '../lab/engine/open-engine.ts'
import { Lab, type LabOptions } from '../lab/lab.ts'
import type { Machine } from '../lab/machine/machine.ts'
import { Ledger, type LedgerEntry } from '../lab/registry/ledger.ts'
import { mountPoints, residueOf } from '../lab/registry/residue.ts'
import { isOfRun } from '../lab/registry/worker-run.ts'
import type { SavedLab } from '../lab/saved-lab.ts'
import { kernelRelease, qemuVersion } from '../verdict/observation/node-facts.ts'
import { leftBehind, nothingLeft } from '../verdict/observation/nothing-left.ts'
import { about } from '../verdict/question.ts'
import { Checkpoints } from './checkpoints.ts'

/** Ample time for a lease to end a lab. */
const leaseDeadlineMs = 15_000

const labsOfRuns = new WeakMap<Run, Labs>()

/** Returns the labs of a run. @throws Error if the run was started without an engine */
export function labsOf(run: Run): Labs {
  const labs = labsOfRuns.get(run)
  if (labs === undefined) throw new Error(`the run ${run.id} has no engine for labs`)
  return labs
}

/** All that a run has outside this process: its engine, its labs, its entry in the ledger. */
export class Labs {
  readonly #run: Run
  readonly #engine: Engine
  readonly #entry: LedgerEntry
  readonly #ledger: Ledger
  readonly #mountsBefore: ReadonlySet<string>
  readonly #kept: Lab[] = []
  readonly checkpoints: Checkpoints
  #count = 0
  #hasRecordedTools = false

  private constructor(run: Run, engine: Engine, ledger: Ledger, entry: LedgerEntry, mountsBefore: ReadonlySet<string>) {
    this.#run = run
    this.#engine = engine
    this.#ledger = ledger
    this.#entry = entry
    this.#mountsBefore = mountsBefore
    this.checkpoints = new Checkpoints(run.id)
  }

  /** @throws MachineError if the engine does not answer, or if the ledger cannot be written */
  static async open(run: Run, engineName: string): Promise<Labs> {
    const engine = await openEngine(engineName)
    await engine.check()
    const ledger = new Ledger()
    // The ledger comes first: from now on other processes see that this run is alive.
    const entry = await ledger.add(run.id, engine.name)
    process.env[runVariable] = run.id
    const labs = new Labs(run, engine, ledger, entry, await mountPoints())
    labsOfRuns.set(run, labs)
    return labs
  }

  /** The id of their run. */
  get run(): string {
    return this.#run.id
  }

  /** Opens an empty lab for a drill. It ends with the drill, unless labs are kept. */
  async openLab(drill: Drill): Promise<Lab> {
    return this.#owned(drill, await Lab.open(this.#options(drill)))
  }

  /** Opens a lab on copies of the disks of a saved one. */
  async restoreLab(drill: Drill, saved: SavedLab): Promise<Lab> {
    return this.#owned(drill, await Lab.restore(saved, this.#options(drill)))
  }

  /** Ends a lab before its drill ends. */
  async endLab(lab: Lab): Promise<void> {
    await this.#end(lab)
  }

  /** Returns the number of scenarios that wait for the outcome of a background. Kept labs never use one. */
  waiting(key: string): number {
    return this.#run.keepLab ? 0 : this.#run.backgrounds.waiting(key)
  }

  #options(drill: Drill): LabOptions {
    const name = `lab-${++this.#count}`
    return {
      engine: this.#engine,
      run: this.#run.id,
      name,
      logFolder: this.#run.file(join('boot', name)),
      signal: this.#run.signal,
      wrapShell: (shell) => recordedShell(shell, drill.journal),
      onMachine: (machine) => this.#entry.addMachine(machine),
      onUp: (machine) => this.#recordVersions(machine, drill.journal),
      onSite: setUpManager,
    }
  }

  async #recordVersions(machine: Machine, journal: Journal): Promise<void> {
    kernelRelease.record(journal, machine.where, machine.kernel)
    // All machines of a run boot from one image.
    if (this.#hasRecordedTools) return
    this.#hasRecordedTools = true
    const { stdout } = await machine.shell.run(['qemu-img', '--version'])
    qemuVersion.record(journal, machine.where, /version (\S+( \(.*\))?)/.exec(stdout)?.[1] ?? stdout.trim())
    // The packages are in the journal, as the output of this command.
    await machine.shell.run(['dpkg-query', '--show'])
  }

  #owned(drill: Drill, lab: Lab): Lab {
    if (this.#run.keepLab) this.#kept.push(lab)
    else drill.own({ [Symbol.asyncDispose]: () => this.#end(lab) })
    return lab
  }

  get hasKept(): boolean {
    return this.#kept.length > 0
  }

  get keptMachines(): readonly string[] {
    return this.#kept.flatMap((lab) => lab.machines.map(({ where }) => where))
  }

  /** Records in the ledger that the labs are kept, and that no run uses them any more. */
  async keep(): Promise<void> {
    await this.#entry.keep()
  }

  /** Ends kept labs. */
  async endKept(): Promise<void> {
    await Promise.all(this.#kept.splice(0).map((lab) => this.#end(lab)))
  }

  /** Looks for everything that the run and its workers may have left behind, and judges it. */
  async checkForLeaks(): Promise<Finding> {
    await this.checkpoints[Symbol.asyncDispose]()
    const found = await this.#residue()
    const named = (kind: Residue['kind']) =>
      found.filter((one) => one.kind === kind).map(({ id, name }) => `${name} (${id})`)
    leftBehind.record(this.#run.journal, 'localhost', {
      containers: named('container'),
      networks: named('network'),
      volumes: named('volume'),
      namespaces: named('namespace'),
      processes: named('process'),
      mounts: named('mount'),
      folders: named('folder'),
    })
    return about(nothingLeft, {})(this.#run.journal.entries())
  }

  /** Removes the run from the ledger, and those of its workers that ended before they could. */
  async close(): Promise<void> {
    await this.checkpoints[Symbol.asyncDispose]()
    const records = await this.#ledger.read()
    const ended = records.filter(({ run, alive }) => run !== this.#run.id && isOfRun(this.#run.id, run) && !alive)
    for (const { run } of ended) await this.#ledger.remove(run)
    await this.#ledger.remove(this.#run.id)
  }

  /**
   * Returns what is left. Waits for the leases of a lost worker's guests to end them, and for connections that a runbook
   * left open to notice that their lab is gone.
   */
  async #residue(): Promise<readonly Residue[]> {
    const look = () => residueOf(this.#run.id, this.#mountsBefore, this.#engine)
    const isWorkerLost = this.#run.journal
      .entries()
      .some((entry) => entry.kind === 'error' && entry.code === 'worker-lost')
    const hasConnections = (await look()).some(({ name }) => name.includes(' lab connect '))
    if (!isWorkerLost && !hasConnections) return look()
    const nothing = async () => ((await look()).length === 0 ? [] : undefined)
    return until('the rest of ended labs to exit', nothing, { deadlineMs: leaseDeadlineMs }).catch(look)
  }

  async #end(lab: Lab): Promise<void> {
    await lab[Symbol.asyncDispose]()
    await this.#entry.removeLab(lab.name)
  }
}
