/** Signals that take longer than this to be sent to a host are not waited for by the next ones. */
export const signalMs = 10_000

/**
 * Sends the lines that signal a host's processes. Lines that come while others are under way go together, over one
 * channel: many commands are stopped as fast as one, and one session is all that a server must have left for it.
 */
export class SignalLines {
  readonly #send: (lines: string) => Promise<void>
  #sending: Promise<void> = Promise.resolve()
  #unsent: string[] | undefined

  /** @param send gives lines to the host's login shell, and must settle within `signalMs`: the next ones wait for it */
  constructor(send: (lines: string) => Promise<void>) {
    this.#send = send
  }

  /** Settles when it was tried, also when it failed: who stops a command waits for its end. */
  add(line: string): Promise<void> {
    if (this.#unsent === undefined) {
      const lines: string[] = []
      this.#unsent = lines
      this.#sending = this.#sending
        .then(() => {
          this.#unsent = undefined
          return this.#send(lines.join('\n'))
        })
        .catch(() => {})
    }
    this.#unsent.push(line)
    return this.#sending
  }
}
