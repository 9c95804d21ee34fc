import { MachineError } from '../errors.ts'
import type { Checkpoint } from './checkpoints.ts'

export interface FoundationOptions {
  /** What another drill has laid already, if there is such a thing. */
  readonly find: () => Checkpoint | undefined
  /** Takes a lab from it instead of laying everything again. */
  readonly takeOver: (checkpoint: Checkpoint) => Promise<void>
}

/**
 * What the background of a drill lays: sites, backups, replicas, losses, one call after another. Each call is carried
 * out and noted; or, where another drill has made the very same calls and their outcome was saved, it is checked off,
 * and with the last of them the saved lab is taken over.
 */
export class Foundation {
  readonly #options: FoundationOptions
  readonly #calls: string[] = []
  #checkpoint: Checkpoint | undefined
  #isBegun = false
  #isLaying = false
  #isWhole = true
  #tookMs = 0

  constructor(options: FoundationOptions) {
    this.#options = options
  }

  /** What was laid so far, in order; undefined when that is not all that was done, or when it was taken over. */
  get calls(): readonly string[] | undefined {
    return this.#isWhole && this.#checkpoint === undefined ? [...this.#calls] : undefined
  }

  get tookMs(): number {
    return this.#tookMs
  }

  /** Every step of a background must lay one thing, or something is done that a saved lab would not show. */
  stepDone(count: number): void {
    if (this.#calls.length !== count) this.#isWhole = false
  }

  /**
   * @param call what is laid, with all that it depends on, as JSON
   * @throws MachineError when it is not what was saved
   */
  async lay(call: readonly unknown[], act: () => Promise<void>): Promise<void> {
    // Part of something bigger that is being laid.
    if (this.#isLaying) return act()
    if (!this.#isBegun) this.#checkpoint = this.#options.find()
    this.#isBegun = true
    const text = JSON.stringify(call)
    const saved = this.#checkpoint
    if (saved !== undefined && this.#calls.length < saved.calls.length) await this.#checkOff(text, saved)
    else await this.#carryOut(text, act)
  }

  async #checkOff(text: string, saved: Checkpoint): Promise<void> {
    const expected = saved.calls[this.#calls.length]
    if (text !== expected)
      throw new MachineError('checkpoint-differs', `the background asks for ${text}, and what was saved is ${expected}`)
    this.#calls.push(text)
    if (this.#calls.length === saved.calls.length) await this.#options.takeOver(saved)
  }

  async #carryOut(text: string, act: () => Promise<void>): Promise<void> {
    const startedMs = performance.now()
    this.#isLaying = true
    try {
      await act()
      this.#calls.push(text)
    } finally {
      this.#isLaying = false
      this.#tookMs += performance.now() - startedMs
    }
  }
}
