import { Transform } from 'node:stream'

/** No exit code is longer. */
const exitCodeBytes = 4

/**
 * Passes standard error on as it arrives, without the line that the login shell adds at its end: `<marker> <exit code>`.
 * It holds back only bytes that may begin that line.
 */
export class MarkedOutput extends Transform {
  readonly #marker: Buffer
  #held: Buffer = Buffer.alloc(0)
  /** Undefined until the shell has reported it. */
  exitCode: number | undefined

  constructor(marker: string) {
    super()
    this.#marker = Buffer.from(`${marker} `)
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const seen = Buffer.concat([this.#held, chunk])
    const at = seen.indexOf(this.#marker)
    const end = at < 0 ? -1 : seen.indexOf('\n', at)
    if (end >= 0) {
      this.exitCode = Number(seen.toString('latin1', at + this.#marker.length, end))
      this.#pass(Buffer.concat([seen.subarray(0, at), seen.subarray(end + 1)]), 0)
    } else if (at >= 0) this.#pass(seen, Math.min(seen.length - at, this.#marker.length + exitCodeBytes))
    else this.#pass(seen, this.#maybeMarker(seen))
    done()
  }

  override _flush(done: () => void): void {
    this.#pass(this.#held, 0)
    done()
  }

  #pass(bytes: Buffer, heldBytes: number): void {
    this.#held = bytes.subarray(bytes.length - heldBytes)
    if (bytes.length > heldBytes) this.push(bytes.subarray(0, bytes.length - heldBytes))
  }

  /** Counts the last bytes that may begin the marker. */
  #maybeMarker(seen: Buffer): number {
    const longest = Math.min(seen.length, this.#marker.length - 1)
    for (let length = longest; length > 0; length--)
      if (seen.subarray(seen.length - length).equals(this.#marker.subarray(0, length))) return length
    return 0
  }
}
