import { GrowingBuffer } from './growing-buffer.ts'

/** Bytes of the end that are kept of output that is longer than its limit: what an error message shows. */
const endBytes = 16 * 1024

/** Captures an output stream in memory: its beginning, and its end if it is longer than the limit. */
export class Capture {
  readonly #maxBytes: number
  readonly #beginning = new GrowingBuffer()
  /** The last bytes beyond the beginning, at most twice `endBytes`. */
  #end = new GrowingBuffer()
  /** The bytes before `#end` that are not in `#beginning`. */
  #leftOutBytes = 0
  /** The length of the whole stream. */
  totalBytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  add(chunk: Uint8Array): void {
    this.totalBytes += chunk.length
    const room = this.#maxBytes - this.#beginning.length
    if (room > 0) this.#beginning.add(chunk.subarray(0, room))
    if (chunk.length <= room) return
    const beyond = chunk.subarray(Math.max(0, room))
    const last = beyond.subarray(-endBytes)
    this.#leftOutBytes += beyond.length - last.length
    if (this.#end.length + last.length > 2 * endBytes) {
      const kept = this.#end.bytes().subarray(-endBytes)
      this.#leftOutBytes += this.#end.length - kept.length
      this.#end = new GrowingBuffer()
      this.#end.add(kept)
    }
    this.#end.add(last)
  }

  /** The text. In the place of what was left out, a line has the number of its bytes. */
  text(): string {
    const isCut = this.#leftOutBytes > 0
    if (!isCut) return decoded(Buffer.concat([this.#beginning.bytes(), this.#end.bytes()]))
    // A character that is split by the cut is left out.
    const beginning = decoded(this.#beginning.bytes(), { stream: true })
    const end = this.#end.bytes()
    const start = end.findIndex((byte) => (byte & 0xc0) !== 0x80)
    return `${beginning}\n[${this.#leftOutBytes} bytes left out]\n${decoded(end.subarray(Math.max(0, start)))}`
  }
}

function decoded(bytes: Uint8Array, options: { readonly stream?: boolean } = {}): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, options)
}
