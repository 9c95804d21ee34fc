import { setTimeout as sleep } from 'node:timers/promises'

/** Limits how many bytes are read in a second, over all readers of this process. */
export class Throttle {
  readonly #bytesPerSecond: number
  readonly #nowMs: () => number
  /** When all bytes that were requested so far are paid for. */
  #freeAtMs = 0

  constructor(bytesPerSecond: number, nowMs = () => performance.now()) {
    this.#bytesPerSecond = bytesPerSecond
    this.#nowMs = nowMs
  }

  /** Waits until these bytes may be read. @throws the signal's reason */
  async wait(bytes: number, signal: AbortSignal): Promise<void> {
    const nowMs = this.#nowMs()
    const startMs = Math.max(nowMs, this.#freeAtMs)
    this.#freeAtMs = startMs + (bytes / this.#bytesPerSecond) * 1000
    if (startMs > nowMs) await sleep(startMs - nowMs, undefined, { signal })
  }
}
