import { ProtocolError, type Request } from './protocol.ts'

/** A part of the disk, and whether it reads as zeroes. */
export interface Extent {
  readonly offset: number
  readonly lengthBytes: number
  readonly isZero: boolean
}

/** Maximum number of pieces that the reply to one request may come in. */
const maxPieces = 2048

/** A request whose reply is not complete. */
export class OpenRequest {
  readonly request: Request
  /** The first error of the reply. */
  error: Error | undefined
  extents: readonly Extent[] | undefined
  readonly #target: Uint8Array | undefined
  readonly #settled = Promise.withResolvers<OpenRequest>()
  /** The pieces of the buffer that have arrived. */
  readonly #pieces: { readonly start: number; readonly end: number }[] = []
  #filled = 0

  /** @param target the buffer to fill. Undefined for a request without data. */
  constructor(request: Request, target: Uint8Array | undefined) {
    this.request = request
    this.#target = target
  }

  /** Settles when the reply is complete. */
  get reply(): Promise<OpenRequest> {
    return this.#settled.promise
  }

  /**
   * Returns the part of the buffer that a chunk fills. No part is handed out twice.
   * @throws ProtocolError for data that was not requested
   */
  claim(offset: number, lengthBytes: number): Uint8Array {
    const start = offset - this.request.offset
    const end = start + lengthBytes
    const target = this.#target
    if (target === undefined || lengthBytes === 0 || start < 0 || end > target.length) {
      throw new ProtocolError(`${lengthBytes} bytes at ${offset}, which were not requested`)
    }
    if (this.#pieces.length >= maxPieces) throw new ProtocolError(`more than ${maxPieces} pieces`)
    if (this.#pieces.some((piece) => start < piece.end && piece.start < end)) {
      throw new ProtocolError(`the bytes at ${offset} twice`)
    }
    this.#pieces.push({ start, end })
    this.#filled += lengthBytes
    return target.subarray(start, end)
  }

  /** Ends a reply that is complete. @throws ProtocolError if data is missing */
  finish(): void {
    const { error, request } = this
    const target = this.#target
    if (error === undefined && target !== undefined && this.#filled !== target.length) {
      throw new ProtocolError(`${this.#filled} of ${target.length} bytes at ${request.offset}`)
    }
    if (error === undefined) this.#settled.resolve(this)
    else this.#settled.reject(error)
  }

  fail(error: Error): void {
    this.#settled.reject(error)
  }
}
