import type { Run } from '../../drill/run-context.ts'
import { type DrillError, MachineError } from '../../errors.ts'
import { bounded } from '../../journal/envelope.ts'
import type { JournalEntry, MergedJournal } from '../../journal/journal.ts'
import { MergedJournals } from '../../journal/merged-journals.ts'
import { errorEvent } from '../../journal/outcome.ts'
import type { Objectives } from '../../verdict/claim/objectives.ts'
import type { Suite } from '../cucumber.ts'
import { recorder } from '../drill-scenarios.ts'
import { lastDurations } from './last-durations.ts'
import type { Order, Word } from './message.ts'
import { pathsOf, Units } from './units.ts'
import { WorkerProcess } from './worker-process.ts'

export interface CrewOptions {
  readonly run: Run
  readonly journal: MergedJournal
  readonly suite: Suite
  /** How many processes. */
  readonly size: number
  readonly failFast: boolean
  readonly objectives: Objectives
  /** The folder of all reports: the last one tells what takes long. */
  readonly reports: string
  readonly say: (text: string) => void
}

/**
 * Workers: processes that drill features side by side, each with labs, leases and a journal of its own. What they
 * write is merged into the journal of the run as it comes, so that this can be read whatever happens to anybody.
 */
export class Crew implements Disposable {
  readonly #options: CrewOptions
  readonly #units: Units
  readonly #merged: MergedJournals
  readonly #workers: readonly WorkerProcess[]
  readonly #gone = new Set<WorkerProcess>()

  /** Starts the processes, which get ready. */
  constructor(options: CrewOptions) {
    const { run, journal, suite, size, reports, say } = options
    this.#options = options
    this.#units = new Units(suite.scenarios, { size, durations: lastDurations(reports) })
    this.#merged = new MergedJournals({
      journal,
      newDrillId: () => run.newDrillId(),
      isKnown: ({ message }) => run.signal.aborted && message === (run.signal.reason as Error).message,
    })
    this.#workers = Array.from({ length: size }, (_, index): WorkerProcess => {
      const number = index + 1
      const onWord = (word: Word): void => this.#hear(number, word)
      return new WorkerProcess({ run: run.id, number, directory: run.directory, onWord, onOutput: say })
    })
  }

  /** Hands all work out, and returns when the last worker has ended. */
  async drill(engine?: string): Promise<void> {
    const { run, failFast, objectives } = this.#options
    const abort = (): void => {
      const { code, blame, message } = run.signal.reason as DrillError
      this.#tellAll({ kind: 'abort', code, blame, message })
      this.#handOut()
    }
    run.signal.addEventListener('abort', abort)
    try {
      for (const worker of this.#workers) {
        const { number, directory } = worker
        const labs = engine === undefined ? {} : { engine }
        worker.tell({ kind: 'begin', run: run.id, worker: number, directory, failFast, objectives, ...labs })
      }
      if (run.signal.aborted) abort()
      await Promise.all(this.#workers.map(async (worker) => this.#bury(worker, await worker.ended)))
    } finally {
      run.signal.removeEventListener('abort', abort)
    }
    await this.#leaveOut()
    this.#merged.end()
  }

  /** Ends the workers that are still there at once. */
  [Symbol.dispose](): void {
    for (const worker of this.#workers) if (!this.#gone.has(worker)) worker.kill()
  }

  get #isAnyAtWork(): boolean {
    return this.#workers.some(({ unit }) => unit !== undefined)
  }

  #hear(number: number, word: Word): void {
    const worker = this.#workers[number - 1]
    if (worker === undefined || this.#gone.has(worker)) return
    if (word.kind === 'entry') this.#take(worker, word.entry)
    if (word.kind === 'ready') {
      worker.isIdle = true
      worker.unit = undefined
      worker.begun.clear()
      this.#handOut()
    }
  }

  #take(worker: WorkerProcess, entry: JournalEntry): void {
    const ours = this.#merged.take(worker.number, entry)
    if (ours?.kind === 'drill-started') worker.begun.add(ours.location)
    if (ours?.kind !== 'drill-ended' || !this.#options.failFast) return
    if (ours.outcome === 'failed' || ours.outcome === 'unknown') this.#stop('a scenario before it failed (--fail-fast)')
  }

  #stop(why: string): void {
    this.#options.run.stop(why)
    this.#tellAll({ kind: 'stop', why })
    this.#handOut()
  }

  /** Gives work to who has none. Nobody is sent home while others are at work: they may be lost, and theirs left. */
  #handOut(): void {
    for (const worker of this.#workers) {
      if (!worker.isIdle || this.#options.run.whyStopped !== undefined) continue
      worker.unit = this.#units.take(this.#isAnyAtWork)
      if (worker.unit === undefined) continue
      worker.isIdle = false
      worker.tell({ kind: 'drill', paths: pathsOf(worker.unit) })
    }
    if (this.#isAnyAtWork) return
    for (const worker of this.#workers) if (worker.isIdle) worker.tell({ kind: 'end' })
  }

  /** A worker has ended. Its file has what was still on its way to us when it did. */
  #bury(worker: WorkerProcess, how: string): void {
    for (const entry of worker.entries()) this.#take(worker, entry)
    this.#gone.add(worker)
    worker.isIdle = false
    const { number, unit } = worker
    worker.unit = undefined
    if (!this.#merged.hasEnded(number)) {
      const lost = new MachineError('worker-lost', `${how} before it was done`)
      this.#options.say(lost.message)
      if (!this.#merged.lose(number, lost)) this.#options.run.journal.append(errorEvent(lost))
      if (this.#options.failFast) this.#stop(`${lost.message} (--fail-fast)`)
    }
    if (unit !== undefined) this.#units.putBack(unit, worker.begun)
    this.#handOut()
  }

  /** What nobody got to is recorded as not run. No code of the user's is run for that. */
  async #leaveOut(): Promise<void> {
    const { run, suite } = this.#options
    const { left } = this.#units
    if (left.length === 0) return
    run.stop('no worker was left to run it')
    await suite.run({
      failFast: false,
      parameters: {},
      only: left.flatMap(pathsOf),
      skip: true,
      onEnvelope: recorder(run, (envelope) => this.#merged.takeEnvelope(bounded(envelope))),
    })
  }

  #tellAll(order: Order): void {
    for (const worker of this.#workers) worker.tell(order)
  }
}
