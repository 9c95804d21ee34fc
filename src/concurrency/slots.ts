import { abortable } from './abortable.ts'

/** So many at a time; the others wait in the order they came. */
export class Slots {
  #count: number
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#count = count
    this.#free = count
  }

  /** From now on so many, if that is more. */
  growTo(count: number): void {
    for (; this.#count < count; this.#count++) this.#release()
  }

  /**
   * A slot, to be given back by disposing of it.
   * @throws the reason of `signal` when it is aborted first
   */
  async take(signal?: AbortSignal): Promise<Disposable> {
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
      const place = this.#waiting.indexOf(turn.resolve)
      if (place >= 0) this.#waiting.splice(place, 1)
      else this.#release()
      throw reason
    }
  }

  /** Handed over directly, so that nobody can overtake. */
  #release(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free++
    else next()
  }
}
