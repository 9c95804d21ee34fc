/** Bytes in one buffer that grows: a host that prints byte by byte costs no more memory than its bytes. */
export class GrowingBuffer {
  #buffer = Buffer.alloc(0)
  length = 0

  add(bytes: Uint8Array): void {
    const length = this.length + bytes.length
    if (length > this.#buffer.length) {
      const grown = Buffer.alloc(Math.max(length, 2 * this.#buffer.length, 256))
      this.#buffer.copy(grown, 0, 0, this.length)
      this.#buffer = grown
    }
    this.#buffer.set(bytes, this.length)
    this.length = length
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.length)
  }
}
