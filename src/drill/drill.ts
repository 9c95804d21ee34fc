import { DrillError } from '../errors.ts'
import type { Finding, Journal, Outcome, Phase } from '../journal/journal.ts'
import { scoped } from '../journal/journal-memory.ts'
import { errorEvent, outcomeOf } from '../journal/outcome.ts'
import type { Scenario } from '../journal/scenario.ts'
import {
  hasDisaster,
  hasRecovered,
  type Objective,
  type Objectives,
  objectiveOf,
  recoveryPoint,
  recoveryTime,
  restoredWorkloads,
} from '../verdict/claim/objectives.ts'
import { examinations } from '../verdict/examinations.ts'
import { about, type EntryOf, type Question } from '../verdict/question.ts'
import { VerdictError } from '../verdict/verdict-error.ts'
import { type Background, BackgroundProgress } from './background.ts'

export interface DrillOptions extends Scenario {
  readonly id: string
  /** The journal of the run. The drill writes to it under its id. */
  readonly journal: Journal
  /** Aborted when the run must end. Its reason is the error. */
  readonly signal: AbortSignal
  /** The steps that the scenario shares with others. */
  readonly background?: Background
  readonly objectives?: Objectives
  /** Of its scenario. Objectives can depend on them. */
  readonly tags?: readonly string[]
}

/** One execution of a scenario: its phases, its journal, its resources, its errors and its outcome. */
export class Drill {
  readonly id: string
  readonly name: string
  /** File and line of its scenario. */
  readonly location: string
  readonly journal: Journal
  readonly signal: AbortSignal
  readonly background: BackgroundProgress | undefined
  readonly #objectives: Objectives
  readonly #tags: readonly string[]
  readonly #required: RequiredObjective[] = []
  readonly #owned = new AsyncDisposableStack()
  #phase: { readonly name: Phase; readonly startedMs: number } | undefined
  #firstError: unknown
  readonly #recorded = new Set<unknown>()
  #notRun: string | undefined
  #ended = false
  #steps = 0

  constructor({ id, name, feature, location, journal, signal, background, objectives = {}, tags = [] }: DrillOptions) {
    this.id = id
    this.name = name
    this.location = location
    this.journal = scoped(journal, id, () => this.series)
    this.signal = signal
    this.background = background === undefined ? undefined : new BackgroundProgress(background)
    this.#objectives = objectives
    this.#tags = tags
    this.journal.append({ kind: 'drill-started', name, feature, location })
  }

  /**
   * The series that the current step records: `s1`, `s2` … by its place in the scenario. Steps of a background have the same
   * in each scenario that shares it. Undefined before the first step.
   */
  get series(): string | undefined {
    return this.#steps === 0 ? undefined : `s${this.#steps}`
  }

  /** Begins the series of the next step. */
  openSeries(): void {
    this.#steps++
  }

  /** Begins a phase and ends the one before. Does nothing in the phase itself. */
  enter(phase: Phase): void {
    if (this.#phase?.name === phase) return
    this.#leave()
    this.#phase = { name: phase, startedMs: performance.now() }
    this.journal.append({ kind: 'phase-started', phase })
  }

  /** Runs something in a phase, which ends with it. */
  async during<T>(phase: Phase, act: () => Promise<T>): Promise<T> {
    this.enter(phase)
    try {
      return await act()
    } finally {
      this.#leave()
    }
  }

  /** Disposes a resource at the end of the drill. The last resource is disposed first. */
  own<T extends AsyncDisposable | Disposable>(thing: T): T {
    return this.#owned.use(thing)
  }

  /**
   * Records a claim, and judges it by the journal of the drill so far.
   * @throws VerdictError unless the verdict is `pass`
   */
  judge<Expected>(question: Question<Expected>, expected: Expected): Finding {
    const recorded = this.journal.append({ kind: 'expectation', question: question.name, expected })
    const before = this.journal.entries().slice(0, -1)
    // Secrets in both are replaced, so that they can be compared.
    const finding = about(question, (recorded as EntryOf<'expectation'>).expected as Expected)(before)
    this.journal.append({ kind: 'finding', finding })
    if (finding.verdict !== 'pass') throw new VerdictError(finding)
    return finding
  }

  /** Requires an objective of a workload. It is judged at the end of the drill. */
  require(workload: string, objective: Objective): void {
    this.#required.push({ ...objective, workload })
  }

  /** Ends the scenario without a verdict, because this machine lacks something. A step returns the result. */
  notRun(why: string): 'skipped' {
    this.#notRun ??= why
    return 'skipped'
  }

  /** Records an error once. The first one decides the outcome. */
  recordError(error: unknown): void {
    // Errors after the run was aborted are consequences of that.
    if (this.signal.aborted && this.#recorded.size === 0) this.#record(this.signal.reason)
    // An aborted command rejects with the reason itself, or with an AbortError that adds nothing.
    if (!(this.signal.aborted && error instanceof Error && error.name === 'AbortError')) this.#record(error)
  }

  get hasError(): boolean {
    return this.#recorded.size > 0
  }

  /**
   * Disposes the resources of the drill and closes it. Never throws: an error of clean-up is recorded, and is returned
   * only if there was no error before it.
   */
  async end(): Promise<{ readonly outcome: Outcome; readonly why?: string; readonly lateError?: unknown }> {
    if (this.#ended) throw new Error(`drill ${this.id} has ended already`)
    this.#ended = true
    const failedBefore = this.hasError
    if (this.signal.aborted && !failedBefore) this.#record(this.signal.reason)
    this.#leave()
    if (!this.hasError) this.#examine()
    // What a recovery took is also worth knowing where a claim did not hold, and not after other errors.
    if (this.#notRun === undefined && [...this.#recorded].every((one) => one instanceof VerdictError))
      this.#judgeObjectives()
    this.enter('tear down')
    try {
      await this.#owned.disposeAsync()
    } catch (error) {
      for (const one of separate(error)) this.#record(one)
    }
    this.#leave()
    const result = outcomeOf(this.journal.entries(), this.#notRun)
    this.journal.append({ kind: 'drill-ended', ...result })
    return failedBefore || !this.hasError ? result : { ...result, lateError: this.#firstError }
  }

  /** Judges what every drill must meet, whatever its scenario claims. */
  #examine(): void {
    try {
      for (const { question, applies } of examinations) if (applies(this.journal.entries())) this.judge(question, {})
    } catch (error) {
      this.#record(error)
    }
  }

  /** Judges every objective, also those after one that is missed. */
  #judgeObjectives(): void {
    const required = [...this.#required, ...this.#configuredObjectives()]
    for (const { workload, recoveryTimeMs: withinMs, recoveryPointMs: atMostMs } of required) {
      const of = workload === undefined ? {} : { workload }
      try {
        if (withinMs !== undefined) this.judge(recoveryTime, { withinMs, ...of })
      } catch (error) {
        this.#record(error)
      }
      try {
        if (atMostMs !== undefined) this.judge(recoveryPoint, { atMostMs, ...of })
      } catch (error) {
        this.#record(error)
      }
    }
  }

  /** Returns those of the configuration that are about what the drill did: about restores after a recovery. */
  #configuredObjectives(): readonly RequiredObjective[] {
    const entries = this.journal.entries()
    if (!hasRecovered(entries)) return []
    const { workloads = {} } = this.#objectives
    const { recoveryTimeMs, recoveryPointMs } = objectiveOf(this.#objectives, this.#tags)
    const restored = restoredWorkloads(entries)
    const isLost = hasDisaster(entries)
    const applicable = ({ recoveryTimeMs: time, recoveryPointMs: point }: Objective): Objective => ({
      ...(time !== undefined && { recoveryTimeMs: time }),
      ...(point !== undefined && isLost && { recoveryPointMs: point }),
    })
    return [
      applicable({
        ...(recoveryTimeMs !== undefined && { recoveryTimeMs }),
        ...(recoveryPointMs !== undefined && restored.length > 0 && { recoveryPointMs }),
      }),
      ...restored.flatMap((workload) => {
        const objective = Object.hasOwn(workloads, workload) ? workloads[workload] : undefined
        return objective === undefined ? [] : [{ ...applicable(objective), workload }]
      }),
    ]
  }

  #leave(): void {
    if (this.#phase === undefined) return
    const { name: phase, startedMs } = this.#phase
    this.#phase = undefined
    this.journal.append({ kind: 'phase-ended', phase, durationMs: Math.round(performance.now() - startedMs) })
  }

  #record(error: unknown): void {
    if (this.#recorded.has(error)) return
    if (this.#recorded.size === 0) this.#firstError = error
    this.#recorded.add(error)
    this.journal.append(errorEvent(error))
  }
}

interface RequiredObjective extends Objective {
  /** Undefined for the drill as a whole. */
  readonly workload?: string
}

/** Returns the errors of a disposal in the order in which they happened. */
function separate(error: unknown): readonly unknown[] {
  if (error instanceof SuppressedError && !(error instanceof DrillError)) {
    return [...separate(error.suppressed), ...separate(error.error)]
  }
  return [error]
}
