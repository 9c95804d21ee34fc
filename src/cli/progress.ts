import type { Envelope } from '../journal/envelope.ts'
import type { JournalEntry, Outcome } from '../journal/journal.ts'
import { StepTexts } from '../report/step-texts.ts'
import { controlSequence } from '../text/control-sequences.ts'
import { duration } from '../text/duration.ts'
import { printable } from '../text/printable.ts'
import { type Style, styleOf } from '../text/style.ts'
import { columnsOf, fit, type ProgressStream } from '../text/terminal.ts'

export interface ProgressOptions {
  readonly stream: ProgressStream
  readonly scenarioCount: number
  /** Number of worker processes. Default: 1, which is this process. */
  readonly workers?: number
  /** For tests. */
  readonly nowMs?: () => number
}

/** Empties the rest of the line, and everything from there. */
const [toEndOfLine, below] = [controlSequence('K'), controlSequence('J')]
const longStepMs = 2000
const redrawMs = 200

type StartedDrill = Extract<JournalEntry, { readonly kind: 'drill-started' }>

/** The scenario that a process runs. */
interface RunningScenario {
  /** Its place in the run: 1, 2, 3 … Undefined if it is tried again. */
  readonly number: number | undefined
  readonly name: string
  readonly location: string
  readonly startedMs: number
  step?: { readonly text: string; readonly startedMs: number }
}

/**
 * Shows the progress of a run from the entries of its journal. On a terminal, each process has a live line. Elsewhere, a
 * parallel run prints one line for each finished scenario. Other runs also print scenarios that start, and long steps.
 */
export class Progress implements Disposable {
  readonly #stream: ProgressStream
  readonly #style: Style
  readonly #isLive: boolean
  readonly #scenarioCount: number
  readonly #isParallel: boolean
  readonly #nowMs: () => number
  readonly #steps = new StepTexts()
  readonly #redrawing: NodeJS.Timeout | undefined
  #started = 0
  #finished = 0
  /** By worker; 0 for this process. */
  readonly #running = new Map<number, RunningScenario>()
  #drawn: readonly string[] = []

  constructor({ stream, scenarioCount, workers = 1, nowMs = () => performance.now() }: ProgressOptions) {
    this.#stream = stream
    this.#style = styleOf(stream)
    this.#isLive = stream.isTTY === true && process.env['TERM'] !== 'dumb'
    this.#scenarioCount = scenarioCount
    this.#isParallel = workers > 1
    this.#nowMs = nowMs
    if (this.#isLive) this.#redrawing = setInterval(() => this.#draw(), redrawMs).unref()
  }

  /** Takes the next entry of the journal, and the number of the worker that it comes from, if any. */
  update(entry: JournalEntry, worker = 0): void {
    if (entry.kind === 'drill-started') this.#start(entry, worker)
    if (entry.kind === 'envelope') this.#follow(entry.envelope as Envelope, worker)
    if (entry.kind === 'drill-ended') this.#finish(entry, worker)
    if (entry.kind === 'phase-started' && entry.phase === 'tear down') this.#startStep('cleaning up', worker)
  }

  /** Prints a line that stays, above the live lines. */
  print(text: string): void {
    this.#erase()
    this.#stream.write(`${text}\n`)
    this.#draw()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#redrawing)
    this.#running.clear()
    this.#erase()
  }

  #start({ name, location, attempt }: StartedDrill, worker: number): void {
    const scenario = {
      number: attempt === undefined ? ++this.#started : undefined,
      name,
      location,
      startedMs: this.#nowMs(),
    }
    this.#running.set(worker, scenario)
    if (this.#isLive) this.#draw()
    else if (!this.#isParallel) this.print(`▶ ${this.#position(scenario.number)} ${printable(name)} (${location})`)
  }

  #follow(envelope: Envelope, worker: number): void {
    this.#steps.update(envelope)
    const { testStepStarted, testStepFinished } = envelope
    const text = this.#steps.text((testStepStarted ?? testStepFinished)?.testStepId ?? '')
    if (text === undefined) return
    if (testStepStarted !== undefined) this.#startStep(text, worker)
    const step = this.#running.get(worker)?.step
    if (testStepFinished === undefined || step === undefined || this.#isLive || this.#isParallel) return
    const tookMs = this.#nowMs() - step.startedMs
    if (tookMs > longStepMs) this.print(`  ${duration(tookMs)}  ${printable(text)}`)
  }

  #startStep(text: string, worker: number): void {
    const scenario = this.#running.get(worker)
    if (scenario !== undefined) scenario.step = { text, startedMs: this.#nowMs() }
    this.#draw()
  }

  #finish({ outcome, why }: { readonly outcome: Outcome; readonly why?: string }, worker: number): void {
    const scenario = this.#running.get(worker)
    this.#running.delete(worker)
    if (scenario === undefined) return
    const { number, name, location, startedMs } = scenario
    if (number !== undefined) this.#finished++
    const isOnlyLine = this.#isParallel && !this.#isLive
    const position = isOnlyLine ? `${this.#position(number === undefined ? undefined : this.#finished)} ` : ''
    const place = isOnlyLine ? `${location}, ` : ''
    const word = outcome === 'passed' ? '' : `${outcome}: `
    const reason = why === undefined ? '' : `: ${printable(why.split('\n', 1)[0] ?? '')}`
    const took = duration(this.#nowMs() - startedMs)
    this.print(`${this.#style.mark(outcome)} ${position}${word}${printable(name)} (${place}${took})${reason}`)
  }

  #position(number: number | undefined): string {
    return number === undefined ? 'again' : `${number}/${this.#scenarioCount}`
  }

  /** Draws all live lines in one write, and only if one of them has changed, to avoid flicker. */
  #draw(): void {
    if (!this.#isLive || this.#running.size === 0) return
    // On some terminals a line that fills the last column wraps.
    const columns = columnsOf(this.#stream) - 1
    const workers = [...this.#running.keys()].toSorted((a, b) => a - b)
    const lines = workers.flatMap((worker) => {
      const scenario = this.#running.get(worker)
      return scenario === undefined ? [] : [this.#lineOf(scenario, columns)]
    })
    if (lines.join('\n') === this.#drawn.join('\n')) return
    this.#stream.write(`${this.#toFirstLine()}${lines.map((line) => line + toEndOfLine).join('\n')}${below}`)
    this.#drawn = lines
  }

  #lineOf(scenario: RunningScenario, columns: number): string {
    const { text, startedMs } = scenario.step ?? { text: '', startedMs: scenario.startedMs }
    const elapsed = `${Math.floor((this.#nowMs() - startedMs) / 1000)} s`
    // The name gets at most half of the line, so that the step is visible.
    const name = fit(printable(scenario.name), Math.floor(columns / 2))
    const parts = [this.#position(scenario.number), elapsed, name, printable(text)]
    return fit(parts.filter((part) => part !== '').join(' · '), columns)
  }

  #erase(): void {
    if (this.#drawn.length > 0) this.#stream.write(this.#toFirstLine() + below)
    this.#drawn = []
  }

  /** Moves the cursor from the end of the last live line to the beginning of the first one. */
  #toFirstLine(): string {
    const up = this.#drawn.length - 1
    return controlSequence('G') + (up > 0 ? controlSequence(`${up}A`) : '')
  }
}
