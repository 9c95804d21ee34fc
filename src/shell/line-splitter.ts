import { MachineError } from '../errors.ts'
import { GrowingBuffer } from './growing-buffer.ts'

/** Longest line of a host. The longest that its programs print describes one image, and has a few kilobytes. */
const maxLineBytes = 2 ** 20

/** Splits chunks of output into lines. */
export class LineSplitter {
  readonly #take: (line: string) => void
  readonly #maxBytes: number
  /** The part of a line that has arrived. */
  #line = new GrowingBuffer()

  constructor(take: (line: string) => void, maxBytes = maxLineBytes) {
    this.#take = take
    this.#maxBytes = maxBytes
  }

  /** @throws MachineError for a line that is too long */
  add(chunk: Uint8Array): void {
    let from = 0
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      this.#hold(chunk.subarray(from, end))
      from = end + 1
      this.end()
    }
    if (from < chunk.length) this.#hold(chunk.subarray(from))
  }

  /** Ends the last line. */
  end(): void {
    const line = this.#line.bytes().toString()
    this.#line = new GrowingBuffer()
    this.#take(line)
  }

  #hold(part: Uint8Array): void {
    if (this.#line.length + part.length > this.#maxBytes)
      throw new MachineError('line-too-long', `a host printed a line of more than ${this.#maxBytes} bytes`)
    this.#line.add(part)
  }
}

const newline = 0x0a
