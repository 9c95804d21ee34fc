import { bytes, bytesOf } from './bytes.ts'
import { controlSequence } from './control-sequences.ts'
import { duration } from './duration.ts'
import { columnsOf, type ProgressStream } from './terminal.ts'

const emptyLine = controlSequence('G') + controlSequence('2K')
const quietMs = 2000
const liveEveryMs = 200
const plainEveryMs = 10_000

/** How amounts of something are written. */
interface RateUnit {
  amount(done: number, total?: number): string
  rate(perSecond: number): string
}

/** `0.5 of 2.0 GiB`, `128.0 MiB/s` */
export const byteUnit: RateUnit = {
  amount: (done, total) => (total === undefined ? bytes(done) : bytesOf(done, total)),
  rate: (perSecond) => `${bytes(perSecond)}/s`,
}

/** `40 of 100 images`, `10 images/s` */
const countUnit = (things: string): RateUnit => ({
  amount: (done, total) => `${done}${total === undefined ? '' : ` of ${total}`} ${things}`,
  rate: (perSecond) => `${perSecond < 1 ? perSecond.toPrecision(1) : Math.round(perSecond)} ${things}/s`,
})

/** The progress of one thing after another: a live line on a terminal, a line now and then anywhere else. */
export class RateLine implements Disposable {
  readonly #stream: ProgressStream
  readonly #nowMs: () => number
  readonly #isLive: boolean
  #unit: RateUnit
  #startedMs: number
  #shownMs: number | undefined
  #isShown = false

  /** @param unit what is counted, in the plural */
  constructor(stream: ProgressStream, unit: string | RateUnit, nowMs = () => performance.now()) {
    this.#stream = stream
    this.#unit = typeof unit === 'string' ? countUnit(unit) : unit
    this.#nowMs = nowMs
    this.#startedMs = nowMs()
    this.#isLive = stream.isTTY === true && process.env['TERM'] !== 'dumb'
  }

  /** Begins to count something else. */
  restart(unit: RateUnit): void {
    this.#unit = unit
    this.#startedMs = this.#nowMs()
    this.#shownMs = undefined
  }

  /** Shows nothing during the first two seconds, and before anything is done. */
  update(done: number, total?: number): void {
    const tookMs = this.#nowMs() - this.#startedMs
    const everyMs = this.#isLive ? liveEveryMs : plainEveryMs
    if (done === 0 || tookMs < quietMs || (this.#shownMs !== undefined && tookMs - this.#shownMs < everyMs)) return
    this.#shownMs = tookMs
    const perSecond = done / (tookMs / 1000)
    const parts = [this.#unit.amount(done, total), this.#unit.rate(perSecond)]
    if (total !== undefined) parts.push(`${duration(((total - done) / Math.max(perSecond, 0.001)) * 1000)} left`)
    const text = parts.join(', ')
    if (!this.#isLive) this.#stream.write(`${text}\n`)
    else this.#stream.write(`${emptyLine}${text.slice(0, columnsOf(this.#stream) - 1)}`)
    this.#isShown = this.#isLive
  }

  /** Prints a line that stays, in the place of the live one. */
  print(text: string): void {
    this.end()
    this.#stream.write(`${text}\n`)
  }

  /** Removes the live line. */
  end(): void {
    if (this.#isShown) this.#stream.write(emptyLine)
    this.#isShown = false
  }

  [Symbol.dispose](): void {
    this.end()
  }
}
