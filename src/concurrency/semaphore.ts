import { abortable } from './abortable.ts'

/** Limits how many holders there are at a time. The others wait in the order in which they came. */
export class Semaphore {
  #limit: number
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(limit: number) {
    this.#limit = limit
    this.#free = limit
  }

  /** Raises the limit. A lower one than now is ignored. */
  growTo(limit: number): void {
    for (; this.#limit < limit; this.#limit++) this.#release()
  }

  /**
   * Resolves when a place is free. Dispose of the result to release it.
   * @throws the reason of `signal` if it is aborted first
   */
  async acquire(signal?: AbortSignal): Promise<Disposable> {
    signal?.throwIfAborted()
    if (this.#free > 0) this.#free--
    else await this.#turn(signal)
    return { [Symbol.dispose]: () => this.#release() }
  }

  async #turn(signal: AbortSignal | undefined): Promise<void> {
    const turn = Promise.withResolvers<void>()
    this.#waiting.push(turn.resolve)
    try {
      await abortable(turn.promise, signal)
    } catch (reason) {
      const index = this.#waiting.indexOf(turn.resolve)
      if (index >= 0) this.#waiting.splice(index, 1)
      else this.#release()
      throw reason
    }
  }

  /** Hands the place to the first in the queue directly, so that no newcomer can overtake. */
  #release(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free++
    else next()
  }
}
