/** Maximum time to send signals to a host, before the next signals are sent. */
export const signalMs = 10_000

/**
 * Sends lines that signal processes of a host. Lines that arrive while others are being sent go together over one
 * channel. So many commands stop as fast as one, and need only one free session of the server.
 */
export class SignalLines {
  readonly #send: (lines: string) => Promise<void>
  #sending: Promise<void> = Promise.resolve()
  #unsent: string[] | undefined

  /** @param send passes lines to the host's login shell. It must settle within `signalMs`, because the next lines wait */
  constructor(send: (lines: string) => Promise<void>) {
    this.#send = send
  }

  /** Resolves when the line was sent, or could not be sent: the caller waits for the end of its command. */
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
