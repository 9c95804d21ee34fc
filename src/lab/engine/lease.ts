import { createInterface } from 'node:readline'
import { within } from '../../concurrency/deadline.ts'
import { MachineError } from '../../errors.ts'

/** The three streams of what holds a guest or a hub. */
export interface LeasedStreams {
  /** Its standard input, whose writing end only we have. */
  readonly commands: NodeJS.WritableStream
  /** Its standard output: the guest's console. */
  readonly console: NodeJS.ReadableStream
  /** Its standard error: answers to commands, and complaints. */
  readonly answers: NodeJS.ReadableStream
}

interface Waiting {
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

/**
 * The writing end of a pipe that a container, or the first process of a namespace, reads. While we hold it, that lives;
 * when this process is gone, however it went, it reads end of file and ends, and all that it holds ends with it.
 * Commands go the same way (`<id> <verb>`, see containers/guest) and are answered on its standard error.
 */
export class Lease {
  readonly #commands: NodeJS.WritableStream
  readonly #name: string
  readonly #waiting = new Map<number, Waiting>()
  readonly #diagnostics: string[] = []
  #next = 1
  #ended = false

  constructor(name: string, { commands, console, answers }: LeasedStreams, onConsole: (chunk: Uint8Array) => void) {
    this.#name = name
    this.#commands = commands
    console.on('data', onConsole)
    createInterface({ input: answers }).on('line', (line) => this.#take(line))
    for (const event of ['end', 'close', 'error']) commands.on(event, () => this.#lose())
    for (const event of ['end', 'close']) answers.on(event, () => this.#lose())
  }

  /** @throws MachineError when it says no, is gone, or does not answer within 30 s */
  async command(verb: string, argument = '', deadlineMs = 30_000): Promise<void> {
    const id = this.#next++
    const answer = this.#answer(id)
    this.#commands.write(`${id} ${verb} ${argument}\n`)
    try {
      await within(deadlineMs, `an answer of ${this.#name} to "${`${verb} ${argument}`.trim()}"`, answer)
    } finally {
      this.#waiting.delete(id)
    }
  }

  #answer(id: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#ended) reject(this.#lost())
      else this.#waiting.set(id, { resolve, reject })
    })
  }

  /** Gives the lease up: what it held ends by itself. */
  release(): void {
    this.#commands.end()
  }

  #take(line: string): void {
    const [, id, state, why] = /^(\d+) (ok|error)(?: (.*))?$/.exec(line) ?? []
    const waiting = id === undefined ? undefined : this.#waiting.get(Number(id))
    if (waiting === undefined) {
      this.#diagnostics.push(line)
      this.#diagnostics.splice(0, this.#diagnostics.length - 20)
    } else if (state === 'ok') waiting.resolve()
    else waiting.reject(new MachineError('guest-refused', `${this.#name}: ${why ?? 'failed'}`))
  }

  #lose(): void {
    if (this.#ended) return
    this.#ended = true
    for (const { reject } of this.#waiting.values()) reject(this.#lost())
    this.#waiting.clear()
  }

  #lost(): MachineError {
    const last = this.#diagnostics.length > 0 ? `; it said: ${this.#diagnostics.join(' | ')}` : ''
    return new MachineError('guest-gone', `${this.#name}: what held it is gone${last}`)
  }
}
