import { DrillError } from '../errors.ts'
import type { Finding, Journal, Outcome, Phase } from '../journal/journal.ts'
import { scoped } from '../journal/journal-memory.ts'
import { errorEvent, outcomeOf } from '../journal/outcome.ts'
import type { Scenario } from '../journal/scenario.ts'
import { hasRecovered, type Objectives, recoveryTime } from '../verdict/claim/objectives.ts'
import { everyFailureExamined, unexaminedFailures } from '../verdict/claim/unexamined.ts'
import { everyRunbookExamined, unexaminedRunbooks } from '../verdict/observation/runbook-end.ts'
import { about, type Question } from '../verdict/question.ts'
import { VerdictError } from '../verdict/verdict-error.ts'
import { type Background, BackgroundProgress } from './background.ts'

export interface DrillOptions extends Scenario {
  readonly id: string
  /** The journal of the run; the drill writes to it under its own id. */
  readonly journal: Journal
  /** Aborted when the run is to end; its reason says why. */
  readonly signal: AbortSignal
  /** What the scenario shares with others. */
  readonly background?: Background
  readonly objectives?: Objectives
}

/** One execution of a scenario: its phases, what it owns, what went wrong, how it came out. */
export class Drill {
  readonly id: string
  readonly name: string
  readonly journal: Journal
  readonly signal: AbortSignal
  readonly background: BackgroundProgress | undefined
  readonly #objectives: Objectives
  readonly #owned = new AsyncDisposableStack()
  #phase: { readonly name: Phase; readonly startedMs: number } | undefined
  #firstError: unknown
  readonly #recorded = new Set<unknown>()
  #notRun: string | undefined
  #ended = false
  #steps = 0

  constructor({ id, name, feature, location, journal, signal, background, objectives = {} }: DrillOptions) {
    this.id = id
    this.name = name
    this.journal = scoped(journal, id, () => this.series)
    this.signal = signal
    this.background = background === undefined ? undefined : new BackgroundProgress(background)
    this.#objectives = objectives
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

  /** Begins a phase, which ends the one before. Beginning the phase it is in already changes nothing. */
  enter(phase: Phase): void {
    if (this.#phase?.name === phase) return
    this.#leave()
    this.#phase = { name: phase, startedMs: performance.now() }
    this.journal.append({ kind: 'phase-started', phase })
  }

  /** What is done meanwhile belongs to the phase, and its time ends with it. */
  async during<T>(phase: Phase, act: () => Promise<T>): Promise<T> {
    this.enter(phase)
    try {
      return await act()
    } finally {
      this.#leave()
    }
  }

  /** Takes charge of something that must be undone when the drill ends; the last taken is undone first. */
  own<T extends AsyncDisposable | Disposable>(thing: T): T {
    return this.#owned.use(thing)
  }

  /**
   * Records what is expected and judges it by what the drill's journal holds so far.
   * @throws VerdictError unless it is so
   */
  judge<Expected>(question: Question<Expected>, expected: Expected): Finding {
    const finding = about(question, expected)(this.journal.entries())
    this.journal.append({ kind: 'expectation', question: question.name, expected })
    this.journal.append({ kind: 'finding', finding })
    if (finding.verdict !== 'pass') throw new VerdictError(finding)
    return finding
  }

  /** Gives up without a verdict, for a capability that is lacking. A step returns what this returns. */
  notRun(why: string): 'skipped' {
    this.#notRun ??= why
    return 'skipped'
  }

  /** Records what went wrong, once; the first decides how the drill came out. */
  recordError(error: unknown): void {
    // What breaks after the run was told to end is a consequence of that.
    if (this.signal.aborted && this.#recorded.size === 0) this.#record(this.signal.reason)
    // A command that was aborted rejects with the reason itself, or with an error of its own that says no more.
    if (!(this.signal.aborted && error instanceof Error && error.name === 'AbortError')) this.#record(error)
  }

  get hasError(): boolean {
    return this.#recorded.size > 0
  }

  /**
   * Undoes what the drill owns and closes it. Never throws: an error from cleaning up is recorded, and is handed back
   * only if nothing went wrong before it.
   */
  async end(): Promise<{ readonly outcome: Outcome; readonly why?: string; readonly lateError?: unknown }> {
    if (this.#ended) throw new Error(`drill ${this.id} has ended already`)
    this.#ended = true
    const failedBefore = this.hasError
    if (this.signal.aborted && !failedBefore) this.#record(this.signal.reason)
    this.#leave()
    if (!this.hasError) this.#examine()
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

  /** What every drill is judged by, whatever its scenario claims. */
  #examine(): void {
    const { recoveryTimeMs } = this.#objectives
    try {
      if (unexaminedFailures(this.journal.entries()).length > 0) this.judge(everyFailureExamined, {})
      if (unexaminedRunbooks(this.journal.entries()).length > 0) this.judge(everyRunbookExamined, {})
      if (recoveryTimeMs !== undefined && hasRecovered(this.journal.entries())) {
        this.judge(recoveryTime, { withinMs: recoveryTimeMs })
      }
    } catch (error) {
      this.#record(error)
    }
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

/** The errors of a disposal in the order in which they happened. */
function separate(error: unknown): readonly unknown[] {
  if (error instanceof SuppressedError && !(error instanceof DrillError)) {
    return [...separate(error.suppressed), ...separate(error.error)]
  }
  return [error]
}
