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
  /** The objectives that every drill must meet. */
  readonly objectives: Objectives
}

/** One execution of the tool, as scenarios see it. */
export class Run {
  readonly id: string
  /** `reports/<run id>`. Files here are kept with the report. */
  readonly directory: string
  readonly journal: Journal
  /** True if labs stay up at the end of a drill, so that people can look inside. */
  readonly keepLab: boolean
  readonly #objectives: Objectives
  readonly #abort = new AbortController()
  /** Counts the scenarios that share a background and have not started. */
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

  /** Passed to every command and every wait. Aborted when the run must end. Its reason is the error. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Ends the current drill as soon as possible, and starts no other. The first reason counts. */
  abort(reason: DrillError): void {
    this.#abort.abort(reason)
  }

  /** Lets the current drill finish, and starts no other. The first reason counts. */
  stop(why: string): void {
    this.#stopped ??= why
  }

  /** Why no more drills start. Undefined if they do. */
  get whyStopped(): string | undefined {
    return this.signal.aborted ? (this.signal.reason as Error).message : this.#stopped
  }

  /** The number of drills that were started. */
  get drillCount(): number {
    return this.#drills
  }

  /** Returns the next id: `d1`, `d2` … */
  newDrillId(): string {
    return `d${++this.#drills}`
  }

  get hasDrill(): boolean {
    return this.#drill !== undefined
  }

  /** The current drill. @throws Error between drills */
  get drill(): Drill {
    if (this.#drill === undefined)
      throw new Error('no drill is running: only a step or a hook of a scenario can use it')
    return this.#drill
  }

  startDrill(scenario: Scenario & { readonly tags?: readonly string[] }, background?: Background): Drill {
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

  /** Ends the current drill. */
  async endDrill(): ReturnType<Drill['end']> {
    const drill = this.drill
    try {
      return await drill.end()
    } finally {
      this.#drill = undefined
    }
  }

  /** Records a scenario that is not run, with the reason. */
  skip({ name, feature, location }: Scenario, why: string): void {
    const id = this.newDrillId()
    this.journal.append({ kind: 'drill-started', name, feature, location }, id)
    this.journal.append({ kind: 'drill-ended', outcome: 'not run', why }, id)
  }

  /** Returns the path of a file in the folder of the run. */
  file(name: string): string {
    return join(this.directory, name)
  }
}

/**
 * Runs by id. Cucumber imports support code and passes it only JSON, so a step finds its run by the id in the world
 * parameters.
 */
const runs = new Map<string, Run>()

/** Makes a run available to support code until it is disposed. */
export function register(run: Run): Disposable & { readonly parameters: { readonly run: string } } {
  runs.set(run.id, run)
  return {
    parameters: { run: run.id },
    [Symbol.dispose]: () => {
      runs.delete(run.id)
    },
  }
}

/** Returns the run of a step: `runOf(this.parameters)`. */
export function runOf(parameters: unknown): Run {
  const id = (parameters as { readonly run?: unknown } | null)?.run
  const run = typeof id === 'string' ? runs.get(id) : undefined
  if (run === undefined) throw new Error('these steps do not belong to a run. Start them with `dr-drill run`')
  return run
}
