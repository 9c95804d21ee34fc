import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import { MachineError } from '../../../errors.ts'
import { within } from '../../deadline.ts'

/** The part of dockerode that takes an attached stream apart. */
export interface Demultiplexer {
  demuxStream(stream: NodeJS.ReadableStream, stdout: NodeJS.WritableStream, stderr: NodeJS.WritableStream): void
}

interface Waiting {
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

/**
 * The writing end of a container's standard input. While we hold it, the container lives; when this process is
 * gone, however it went, the container's PID 1 reads end of file and ends, and the container is removed.
 * Commands go the same way and are answered on the container's standard error.
 */
export class Lease {
  readonly #stream: NodeJS.ReadWriteStream
  readonly #name: string
  readonly #waiting = new Map<number, Waiting>()
  readonly #diagnostics: string[] = []
  #next = 1
  #ended = false

  constructor(
    name: string,
    stream: NodeJS.ReadWriteStream,
    demultiplexer: Demultiplexer,
    onOutput: (chunk: Uint8Array) => void,
  ) {
    this.#name = name
    this.#stream = stream
    const stdout = new PassThrough()
    const stderr = new PassThrough()
    demultiplexer.demuxStream(stream, stdout, stderr)
    stdout.on('data', onOutput)
    createInterface({ input: stderr }).on('line', (line) => this.#take(line))
    for (const event of ['end', 'close', 'error']) stream.on(event, () => this.#lose())
  }

  /** @throws MachineError when the container says no, is gone, or does not answer within 30 s */
  async command(verb: string, argument = '', deadlineMs = 30_000): Promise<void> {
    const id = this.#next++
    const answer = this.#answer(id)
    this.#stream.write(`${id} ${verb} ${argument}\n`)
    try {
      await within(deadlineMs, `${this.#name}: ${verb} ${argument}`.trim(), answer)
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

  /** Gives the lease up: the container ends by itself. */
  release(): void {
    this.#stream.end()
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
    return new MachineError('container-gone', `${this.#name}: its container is gone${last}`)
  }
}
