/** The maximum share of the time in which the nodes are looked at, unless a participant asks. */
const maxShare = 0.1
/** The interval of looks while no command ends. */
const idleMs = 20_000
/** A command may go on in the background for a moment. */
const afterCommandMs = 500

/** Decides when to look at the site: after commands, but never for more than a tenth of the time. */
export class LookSchedule {
  readonly #nowMs: () => number
  #earliestMs = 0
  #dueMs = 0

  /** @param nowMs for tests */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs
  }

  get isDue(): boolean {
    return this.#nowMs() >= this.#dueMs
  }

  /** A command has ended, which may have changed something. */
  commandEnded(): void {
    this.#dueMs = Math.min(this.#dueMs, Math.max(this.#earliestMs, this.#nowMs() + afterCommandMs))
  }

  /** A look has ended. */
  looked(tookMs: number): void {
    this.#earliestMs = this.#nowMs() + tookMs * (1 / maxShare - 1)
    this.#dueMs = Math.max(this.#earliestMs, this.#nowMs() + idleMs)
  }
}
