import { createInterface } from 'node:readline'
import { within } from '../../concurrency/deadline.ts'
import { MachineError } from '../../errors.ts'

/** The three streams of the process or container that runs a guest or a hub. */
export interface LeasedStreams {
  /** Standard input. Only this process has its writing end. */
  readonly commands: NodeJS.WritableStream
  /** Standard output: the guest's console. */
  readonly console: NodeJS.ReadableStream
  /** Standard error: answers to commands, and messages. */
  readonly answers: NodeJS.ReadableStream
}

interface Waiting {
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

/**
 * The writing end of a pipe that a container, or the first process of a namespace, reads. When this process ends for any
 * reason, the reader sees the end of the pipe and ends, with everything that it runs. Commands (`<id> <verb>`, see
 * containers/guest) go through the same pipe, and are answered on standard error.
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
    createInterface({ input: answers }).on('line', (line) => this.#read(line))
    for (const event of ['end', 'close', 'error']) commands.on(event, () => this.#end())
    for (const event of ['end', 'close']) answers.on(event, () => this.#end())
  }

  /** Sends a command. @throws MachineError if it is refused, gets no answer in time, or the reader has ended */
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
      if (this.#ended) reject(this.#exited())
      else this.#waiting.set(id, { resolve, reject })
    })
  }

  /** Releases the lease: the reader ends by itself. */
  release(): void {
    this.#commands.end()
  }

  #read(line: string): void {
    const [, id, state, why] = /^(\d+) (ok|error)(?: (.*))?$/.exec(line) ?? []
    const waiting = id === undefined ? undefined : this.#waiting.get(Number(id))
    if (waiting === undefined) {
      this.#diagnostics.push(line)
      this.#diagnostics.splice(0, this.#diagnostics.length - 20)
    } else if (state === 'ok') waiting.resolve()
    else waiting.reject(new MachineError('guest-refused', `${this.#name}: ${why ?? 'failed'}`))
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    for (const { reject } of this.#waiting.values()) reject(this.#exited())
    this.#waiting.clear()
  }

  #exited(): MachineError {
    const last = this.#diagnostics.length > 0 ? `. Its last messages: ${this.#diagnostics.join(' | ')}` : ''
    return new MachineError('guest-gone', `${this.#name}: its process or container has exited${last}`)
  }
}
