import { join } from 'node:path'
import type { DrillError } from '../errors.ts'
import type { Journal } from '../journal/journal.ts'
import type { Scenario } from '../journal/scenario.ts'
import type { Objectives } from '../verdict/claim/objectives.ts'
import { type Background, Backgrounds } from './background.ts'
import { Drill } from './drill.ts'

export interface RunOptions {
  readonly id: string
  readonly directory: string
  readonly journal: Journal
  readonly keepLab: boolean
  /** What every drill has to keep to. */
  readonly objectives: Objectives
}

/** One execution of the tool, as scenarios see it. */
export class Run {
  readonly id: string
  /** `reports/<run id>`: whatever is written here is kept with the report. */
  readonly directory: string
  readonly journal: Journal
  /** Labs are to be left up at the end of a drill, for whoever wants to look inside. */
  readonly keepLab: boolean
  readonly #objectives: Objectives
  readonly #abort = new AbortController()
  /** What is still to come of the scenarios that share a background. */
  readonly backgrounds = new Backgrounds()
  #drill: Drill | undefined
  #drills = 0
  #stopped: string | undefined

  constructor({ id, directory, journal, keepLab, objectives }: RunOptions) {
    this.id = id
    this.directory = directory
    this.journal = journal
    this.keepLab = keepLab
    this.#objectives = objectives
  }

  /** Goes into every command and every wait: aborted when the run is to end, with an error that says why. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Ends the drill that is under way as soon as it can be, and starts no other. The first reason counts. */
  abort(reason: DrillError): void {
    this.#abort.abort(reason)
  }

  /** Lets the drill that is under way come to its end, and starts no other. The first reason counts. */
  stop(why: string): void {
    this.#stopped ??= why
  }

  /** Why no other drill is started, if none is. */
  get whyStopped(): string | undefined {
    return this.signal.aborted ? (this.signal.reason as Error).message : this.#stopped
  }

  /** How many drills were started. */
  get drillCount(): number {
    return this.#drills
  }

  /** `d1`, `d2` … */
  newDrillId(): string {
    return `d${++this.#drills}`
  }

  get hasDrill(): boolean {
    return this.#drill !== undefined
  }

  /** The drill that is under way. @throws between drills */
  get drill(): Drill {
    if (this.#drill === undefined) throw new Error('no drill is under way: a step or hook of a scenario was expected')
    return this.#drill
  }

  startDrill(scenario: Scenario, background?: Background): Drill {
    if (this.#drill !== undefined) throw new Error(`drill ${this.#drill.id} has not ended`)
    this.#drill = new Drill({
      ...scenario,
      ...(background === undefined ? {} : { background }),
      id: this.newDrillId(),
      journal: this.journal,
      signal: this.signal,
      objectives: this.#objectives,
    })
    return this.#drill
  }

  /** Ends the drill that is under way, if one is. */
  async endDrill(): ReturnType<Drill['end']> {
    const drill = this.drill
    try {
      return await drill.end()
    } finally {
      this.#drill = undefined
    }
  }

  /** Records a scenario that is not run at all, with the reason. */
  skip({ name, feature, location }: Scenario, why: string): void {
    const id = this.newDrillId()
    this.journal.append({ kind: 'drill-started', name, feature, location }, id)
    this.journal.append({ kind: 'drill-ended', outcome: 'not run', why }, id)
  }

  /** Where a file of this run goes. */
  file(name: string): string {
    return join(this.directory, name)
  }
}

/**
 * Runs by id. Cucumber loads support code by import and hands it nothing but JSON, so the way from a step to its run
 * is the run's id in the world parameters.
 */
const runs = new Map<string, Run>()

/** Makes a run known to support code until disposed of. */
export function register(run: Run): Disposable & { readonly parameters: { readonly run: string } } {
  runs.set(run.id, run)
  return {
    parameters: { run: run.id },
    [Symbol.dispose]: () => {
      runs.delete(run.id)
    },
  }
}

/** The run that a step belongs to: `runOf(this.parameters)`. */
export function runOf(parameters: unknown): Run {
  const id = (parameters as { readonly run?: unknown } | null)?.run
  const run = typeof id === 'string' ? runs.get(id) : undefined
  if (run === undefined) throw new Error('these steps belong to no run: start them with `dr-drill run`')
  return run
}
