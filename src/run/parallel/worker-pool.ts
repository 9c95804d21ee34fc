import type { Run } from '../../drill/run-context.ts'
import { type DrillError, MachineError } from '../../errors.ts'
import { unknownScenarios } from '../../journal/attempts.ts'
import { bounded } from '../../journal/envelope.ts'
import type { JournalEntry, MergedJournal } from '../../journal/journal.ts'
import { MergedJournals } from '../../journal/merged-journals.ts'
import { errorEvent } from '../../journal/outcome.ts'
import { counted } from '../../text/plural.ts'
import type { Objectives } from '../../verdict/claim/objectives.ts'
import { envelopeRecorder } from '../drill-scenarios.ts'
import { pathsOf } from '../locations.ts'
import type { Suite } from '../suite.ts'
import type { Command, WorkerMessage } from './messages.ts'
import { lastDurations } from './scenario-durations.ts'
import { WorkQueue } from './work-queue.ts'
import { WorkerProcess } from './worker-process.ts'

export interface WorkerPoolOptions {
  readonly run: Run
  readonly journal: MergedJournal
  readonly suite: Suite
  /** Number of worker processes. */
  readonly workers: number
  readonly failFast: boolean
  readonly objectives: Objectives
  /** How often a scenario is tried again that could not be judged. */
  readonly retries: number
  /** The folder of all reports. The last one shows which scenarios take long. */
  readonly reports: string
  /** Prints a line for the user. */
  readonly print: (text: string) => void
}

/**
 * Processes that run features in parallel, each with labs, leases and a journal of its own. Their entries are merged
 * into the journal of the run as they arrive, so that it can be read whichever process is lost.
 */
export class WorkerPool implements Disposable {
  readonly #options: WorkerPoolOptions
  #queue: WorkQueue
  #retries = 0
  readonly #merged: MergedJournals
  readonly #workers: readonly WorkerProcess[]
  readonly #exited = new Set<WorkerProcess>()

  /** Starts the processes, which load the suite meanwhile. */
  constructor(options: WorkerPoolOptions) {
    const { run, journal, suite, workers, reports, print } = options
    this.#options = options
    this.#queue = new WorkQueue(suite.scenarios, { workers, durations: lastDurations(reports) })
    this.#merged = new MergedJournals({
      journal,
      newDrillId: () => run.newDrillId(),
      isKnown: ({ message }) => run.signal.aborted && message === (run.signal.reason as Error).message,
    })
    this.#workers = Array.from({ length: workers }, (_, index): WorkerProcess => {
      const number = index + 1
      const onMessage = (message: WorkerMessage): void => this.#onMessage(number, message)
      return new WorkerProcess({ run: run.id, number, directory: run.directory, onMessage, onOutput: print })
    })
  }

  /** Runs the suite. Resolves when the last worker has exited. */
  async drill(engine?: string): Promise<void> {
    const { run, failFast, objectives } = this.#options
    const abort = (): void => {
      const { code, blame, message } = run.signal.reason as DrillError
      this.#sendAll({ kind: 'abort', code, blame, message })
      this.#assign()
    }
    run.signal.addEventListener('abort', abort)
    try {
      for (const worker of this.#workers) {
        const { number, directory } = worker
        const labs = engine === undefined ? {} : { engine }
        worker.send({ kind: 'begin', run: run.id, worker: number, directory, failFast, objectives, ...labs })
      }
      if (run.signal.aborted) abort()
      await Promise.all(this.#workers.map(async (worker) => this.#onExit(worker, await worker.exited)))
    } finally {
      run.signal.removeEventListener('abort', abort)
    }
    await this.#recordNotRun()
    this.#merged.end()
  }

  /** Kills the workers that have not exited. */
  [Symbol.dispose](): void {
    for (const worker of this.#workers) if (!this.#exited.has(worker)) worker.kill()
  }

  get #isAnyRunning(): boolean {
    return this.#workers.some(({ unit }) => unit !== undefined)
  }

  #onMessage(number: number, message: WorkerMessage): void {
    const worker = this.#workers[number - 1]
    if (worker === undefined || this.#exited.has(worker)) return
    if (message.kind === 'entry') this.#merge(worker, message.entry)
    if (message.kind === 'ready') {
      worker.isIdle = true
      worker.unit = undefined
      worker.started.clear()
      this.#assign()
    }
  }

  #merge(worker: WorkerProcess, entry: JournalEntry): void {
    const ours = this.#merged.take(worker.number, entry)
    if (ours?.kind === 'drill-started') worker.started.add(ours.location)
    if (ours?.kind !== 'drill-ended' || !this.#options.failFast) return
    if (ours.outcome === 'failed' || ours.outcome === 'unknown') this.#stop('an earlier scenario failed (--fail-fast)')
  }

  #stop(why: string): void {
    this.#options.run.stop(why)
    this.#sendAll({ kind: 'stop', why })
    this.#assign()
  }

  /**
   * Assigns units to idle workers. An idle worker exits only when no other runs a unit: that one may be lost, and leave
   * work behind.
   */
  #assign(): void {
    for (const worker of this.#workers) {
      if (!worker.isIdle || this.#options.run.whyStopped !== undefined) continue
      worker.unit = this.#queue.take(this.#isAnyRunning)
      if (worker.unit === undefined) continue
      worker.isIdle = false
      worker.send({ kind: 'drill', paths: pathsOf(worker.unit) })
    }
    if (this.#isAnyRunning) return
    if (this.#retry()) this.#assign()
    else for (const worker of this.#workers) if (worker.isIdle) worker.send({ kind: 'end' })
  }

  /** Fills the queue with the scenarios that could not be judged. Returns false if none is to be tried again. */
  #retry(): boolean {
    const { run, suite, workers, retries, print } = this.#options
    const isOver = this.#retries >= retries || run.signal.aborted || run.whyStopped !== undefined
    if (isOver || this.#queue.units.length > 0 || !this.#workers.some(({ isIdle }) => isIdle)) return false
    const unknown = new Set(unknownScenarios(run.journal.entries()))
    const again = suite.scenarios.filter(({ location }) => unknown.has(location))
    if (again.length === 0) return false
    this.#retries++
    print(`trying ${counted(again.length, 'scenario')} again that could not be judged (${this.#retries} of ${retries})`)
    this.#queue = new WorkQueue(again, { workers })
    return true
  }

  #onExit(worker: WorkerProcess, how: string): void {
    // Its file also has the entries that were still on their way.
    for (const entry of worker.entries()) this.#merge(worker, entry)
    this.#exited.add(worker)
    worker.isIdle = false
    const { number, unit } = worker
    worker.unit = undefined
    if (!this.#merged.hasEnded(number)) {
      const lost = new MachineError('worker-lost', `${how} before it finished`)
      this.#options.print(lost.message)
      if (!this.#merged.lose(number, lost)) this.#options.run.journal.append(errorEvent(lost))
      if (this.#options.failFast) this.#stop(`${lost.message} (--fail-fast)`)
    }
    if (unit !== undefined) this.#queue.putBack(unit, worker.started)
    this.#assign()
  }

  /** Records the scenarios that no worker started as not run. The user's code does not run. */
  async #recordNotRun(): Promise<void> {
    const { run, suite } = this.#options
    const { units } = this.#queue
    // What was to be tried again has an outcome.
    if (units.length === 0 || this.#retries > 0) return
    run.stop('no worker was left to run it')
    await suite.run({
      failFast: false,
      parameters: {},
      only: units.flatMap(pathsOf),
      skip: true,
      onEnvelope: envelopeRecorder(run, (envelope) => this.#merged.takeEnvelope(bounded(envelope))),
    })
  }

  #sendAll(command: Command): void {
    for (const worker of this.#workers) worker.send(command)
  }
}
