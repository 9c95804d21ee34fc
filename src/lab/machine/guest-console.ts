import { within } from '../../concurrency/deadline.ts'
import { MachineError } from '../../errors.ts'
import type { BootLog } from './boot-log.ts'

/** A line that a machine's console must print. */
export interface ExpectedLine {
  readonly line: string
  readonly deadlineMs: number
}

/** Waits for lines on a machine's console, and notices when its kernel panics. */
export class GuestConsole {
  readonly #log: BootLog
  readonly #where: string
  readonly #signal: AbortSignal
  readonly #onPanic: (error: MachineError) => void
  #panic: MachineError | undefined
  #whenPanicked = neverFulfilled()

  constructor(log: BootLog, where: string, signal: AbortSignal, onPanic: (error: MachineError) => void) {
    this.#log = log
    this.#where = where
    this.#signal = signal
    this.#onPanic = onPanic
    log.onPanic = (line) => this.#panicked(line)
  }

  /** Undefined unless the kernel has panicked since the machine started. */
  get panic(): MachineError | undefined {
    return this.#panic
  }

  /** Starts to listen for a line. The returned function forgets an earlier panic, and waits for the line. */
  listenFor({ line, deadlineMs }: ExpectedLine): () => Promise<void> {
    this.#signal.throwIfAborted()
    const printed = this.#log.next(line)
    return async () => {
      this.#panic = undefined
      this.#whenPanicked = neverFulfilled()
      const aborted = Promise.withResolvers<never>()
      const abort = () => aborted.reject(this.#signal.reason)
      this.#signal.addEventListener('abort', abort, { once: true })
      try {
        const first = Promise.race([printed, aborted.promise, this.#whenPanicked.promise])
        await within(deadlineMs, `${this.#where} to print "${line}"`, first)
      } finally {
        this.#signal.removeEventListener('abort', abort)
      }
    }
  }

  #panicked(line: string): void {
    this.#panic = new MachineError('guest-panicked', `the kernel of ${this.#where} panicked: ${line}`, {
      remedy: `less ${this.#log.file}`,
    })
    this.#whenPanicked.reject(this.#panic)
    this.#onPanic(this.#panic)
  }
}

function neverFulfilled(): PromiseWithResolvers<never> {
  const resolvers = Promise.withResolvers<never>()
  // Handles the rejection in case nothing waits.
  resolvers.promise.catch(() => {})
  return resolvers
}
