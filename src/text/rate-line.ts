import { duration } from './duration.ts'
import type { ProgressStream } from './terminal.ts'

const quietMs = 2000
const liveEveryMs = 200
const plainEveryMs = 10_000

/** How far something is that has a number of parts: a live line on a terminal, a line now and then anywhere else. */
export class RateLine implements Disposable {
  readonly #stream: ProgressStream
  readonly #what: string
  readonly #nowMs: () => number
  readonly #startedMs: number
  readonly #isLive: boolean
  #saidMs: number | undefined
  #isShown = false

  constructor(stream: ProgressStream, what: string, nowMs = () => performance.now()) {
    this.#stream = stream
    this.#what = what
    this.#nowMs = nowMs
    this.#startedMs = nowMs()
    this.#isLive = stream.isTTY === true && process.env['TERM'] !== 'dumb'
  }

  /** What is done within two seconds needs no progress, and what has not begun has none. */
  update(done: number, total?: number): void {
    const tookMs = this.#nowMs() - this.#startedMs
    const everyMs = this.#isLive ? liveEveryMs : plainEveryMs
    if (done === 0 || tookMs < quietMs || (this.#saidMs !== undefined && tookMs - this.#saidMs < everyMs)) return
    this.#saidMs = tookMs
    const rate = done / (tookMs / 1000)
    const left = total === undefined ? '' : `, ${duration(((total - done) / Math.max(rate, 0.001)) * 1000)} left`
    const all = total === undefined ? '' : ` of ${total}`
    const text = `${done}${all} ${this.#what}, ${rate < 1 ? rate.toPrecision(1) : Math.round(rate)} a second${left}`
    if (!this.#isLive) this.#stream.write(`${text}\n`)
    else this.#stream.write(`\r\u001b[2K${text.slice(0, (this.#stream.columns ?? 80) - 1)}`)
    this.#isShown = this.#isLive
  }

  /** Takes the live line away. */
  end(): void {
    if (this.#isShown) this.#stream.write('\r\u001b[2K')
    this.#isShown = false
  }

  [Symbol.dispose](): void {
    this.end()
  }
}
