import { MachineError } from '../errors.ts'
import type { Checkpoint } from './checkpoints.ts'

export interface BackgroundCallsOptions {
  /** Returns the checkpoint of another drill with the same background. Undefined if there is none. */
  readonly find: () => Checkpoint | undefined
  /** Continues with the lab of a checkpoint, instead of performing every call again. */
  readonly adopt: (checkpoint: Checkpoint) => Promise<void>
}

/**
 * The calls that the background of a drill makes: sites, backups, replicas, losses. Each call is performed and noted. Where
 * another drill has made the same calls and their outcome was saved, each call is skipped, and the last one adopts the
 * saved lab.
 */
export class BackgroundCalls {
  readonly #options: BackgroundCallsOptions
  readonly #calls: string[] = []
  #checkpoint: Checkpoint | undefined
  #hasBegun = false
  #isPerforming = false
  #isComplete = true
  #tookMs = 0

  constructor(options: BackgroundCallsOptions) {
    this.#options = options
  }

  /** The calls so far, in order. Undefined if something else was done as well, or if a checkpoint was adopted. */
  get calls(): readonly string[] | undefined {
    return this.#isComplete && this.#checkpoint === undefined ? [...this.#calls] : undefined
  }

  get tookMs(): number {
    return this.#tookMs
  }

  /** Checks that each step of a background makes one call: a saved lab does not show what other steps have done. */
  stepDone(count: number): void {
    if (this.#calls.length !== count) this.#isComplete = false
  }

  /**
   * Performs a call, or skips it for a checkpoint. A call within a call is a part of it.
   * @param call what is done, with all that it depends on, as JSON
   * @throws MachineError if the checkpoint has another call here
   */
  async perform(call: readonly unknown[], act: () => Promise<void>): Promise<void> {
    if (this.#isPerforming) return act()
    if (!this.#hasBegun) this.#checkpoint = this.#options.find()
    this.#hasBegun = true
    const text = JSON.stringify(call)
    const saved = this.#checkpoint
    if (saved !== undefined && this.#calls.length < saved.calls.length) await this.#skip(text, saved)
    else await this.#carryOut(text, act)
  }

  async #skip(text: string, saved: Checkpoint): Promise<void> {
    const expected = saved.calls[this.#calls.length]
    if (text !== expected)
      throw new MachineError('checkpoint-differs', `the background calls ${text}, but the checkpoint has ${expected}`)
    this.#calls.push(text)
    if (this.#calls.length === saved.calls.length) await this.#options.adopt(saved)
  }

  async #carryOut(text: string, act: () => Promise<void>): Promise<void> {
    const startedMs = performance.now()
    this.#isPerforming = true
    try {
      await act()
      this.#calls.push(text)
    } finally {
      this.#isPerforming = false
      this.#tookMs += performance.now() - startedMs
    }
  }
}
