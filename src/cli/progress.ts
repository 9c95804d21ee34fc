import { stripVTControlCharacters, styleText } from 'node:util'
import type { Envelope } from '../journal/envelope.ts'
import type { JournalEntry, Outcome } from '../journal/journal.ts'
import { StepTexts } from '../report/step-texts.ts'
import { duration } from '../text/duration.ts'
import { fit, type ProgressStream } from '../text/terminal.ts'

export interface ProgressOptions {
  readonly stream: ProgressStream
  readonly scenarioCount: number
  /** For tests. */
  readonly nowMs?: () => number
}

const styles = { passed: 'green', failed: 'red', unknown: 'yellow', 'not run': 'gray' } as const
const marks: Readonly<Record<Outcome, string>> = { passed: '✔', failed: '✘', unknown: '?', 'not run': '–' }
const longStepMs = 2000
const tickMs = 200

/** What one process is at. */
interface Lane {
  /** Which scenario of the run it is: 1, 2, 3 … */
  readonly count: number
  readonly name: string
  readonly startedMs: number
  step?: { readonly text: string; readonly startedMs: number }
}

/** Shows a run as it goes, from the entries of its journal: one live line on a terminal, plain lines anywhere else. */
export class Progress implements Disposable {
  readonly #stream: ProgressStream
  readonly #live: boolean
  readonly #scenarioCount: number
  readonly #nowMs: () => number
  readonly #steps = new StepTexts()
  readonly #ticking: NodeJS.Timeout | undefined
  #count = 0
  /** By worker; 0 for this process. */
  readonly #lanes = new Map<number, Lane>()
  #shown = ''

  constructor({ stream, scenarioCount, nowMs = () => performance.now() }: ProgressOptions) {
    this.#stream = stream
    this.#live = stream.isTTY === true && process.env['TERM'] !== 'dumb'
    this.#scenarioCount = scenarioCount
    this.#nowMs = nowMs
    if (this.#live) this.#ticking = setInterval(() => this.#draw(), tickMs).unref()
  }

  /** Takes the next entry of the journal, and the number of the worker that it comes from, if any. */
  update(entry: JournalEntry, worker = 0): void {
    if (entry.kind === 'drill-started') this.#begin(entry, worker)
    if (entry.kind === 'envelope') this.#follow(entry.envelope as Envelope, worker)
    if (entry.kind === 'drill-ended') this.#end(entry, worker)
    if (entry.kind === 'phase-started' && entry.phase === 'tear down') this.#startStep('cleaning up', worker)
  }

  /** A line that stays, above the live one. */
  print(text: string): void {
    this.#erase()
    this.#stream.write(`${text}\n`)
    this.#draw()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#ticking)
    this.#lanes.clear()
    this.#erase()
  }

  #begin({ name, location }: { readonly name: string; readonly location: string }, worker: number): void {
    const lane = { count: ++this.#count, name, startedMs: this.#nowMs() }
    this.#lanes.set(worker, lane)
    if (this.#live) this.#draw()
    else this.print(`▶ ${this.#position(lane)} ${printable(name)} (${location})`)
  }

  #follow(envelope: Envelope, worker: number): void {
    this.#steps.update(envelope)
    const { testStepStarted, testStepFinished } = envelope
    const text = this.#steps.text((testStepStarted ?? testStepFinished)?.testStepId ?? '')
    if (text === undefined) return
    if (testStepStarted !== undefined) this.#startStep(text, worker)
    const lane = this.#lanes.get(worker)
    if (testStepFinished === undefined || lane?.step === undefined || this.#live) return
    const tookMs = this.#nowMs() - lane.step.startedMs
    // Among several it is told which one it belongs to.
    const which = worker === 0 ? '' : `${this.#position(lane)}  `
    if (tookMs > longStepMs) this.print(`  ${which}${duration(tookMs)}  ${printable(text)}`)
  }

  #startStep(text: string, worker: number): void {
    const lane = this.#lanes.get(worker)
    if (lane !== undefined) lane.step = { text, startedMs: this.#nowMs() }
    this.#draw()
  }

  #end({ outcome, why }: { readonly outcome: Outcome; readonly why?: string }, worker: number): void {
    const { name, startedMs } = this.#lanes.get(worker) ?? { name: '?', startedMs: this.#nowMs() }
    this.#lanes.delete(worker)
    const coloured = this.#live && (process.env['NO_COLOR'] ?? '') === ''
    const mark = coloured ? styleText(styles[outcome], marks[outcome], { validateStream: false }) : marks[outcome]
    const because = why === undefined ? '' : `: ${printable(why.split('\n', 1)[0] ?? '')}`
    const word = outcome === 'passed' ? '' : `${outcome}: `
    this.print(`${mark} ${word}${printable(name)} (${duration(this.#nowMs() - startedMs)})${because}`)
  }

  #position({ count }: Lane): string {
    return `${count}/${this.#scenarioCount}`
  }

  /** One write a picture, and none when nothing has changed: no flicker. */
  #draw(): void {
    if (!this.#live || this.#lanes.size === 0) return
    // A line that fills the last column would wrap on some terminals.
    const columns = (this.#stream.columns ?? 80) - 1
    const lanes = [...this.#lanes.values()]
    const share = Math.floor((columns - 3 * (lanes.length - 1)) / lanes.length)
    const picture = lanes.map((lane) => this.#drawLane(lane, share)).join(' │ ')
    if (picture === this.#shown) return
    this.#stream.write(`\r${picture}\x1b[K`)
    this.#shown = picture
  }

  #drawLane(lane: Lane, columns: number): string {
    const { text, startedMs } = lane.step ?? { text: '', startedMs: lane.startedMs }
    const elapsed = `${Math.floor((this.#nowMs() - startedMs) / 1000)} s`
    // What is being done now is worth as much of the line as what it is done for.
    const name = fit(printable(lane.name), Math.floor(columns / 2))
    const line = [this.#position(lane), elapsed, name, printable(text)]
    return fit(line.filter((part) => part !== '').join(' · '), columns)
  }

  #erase(): void {
    if (this.#shown !== '') this.#stream.write('\r\x1b[K')
    this.#shown = ''
  }
}

/** One line without anything that a terminal acts on. */
function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\p{Cc}+/gu, ' ')
}
