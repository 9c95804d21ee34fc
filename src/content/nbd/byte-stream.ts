import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { DisconnectedError } from './protocol.ts'

/** How much is read from the socket before its use is known. It has to be copied. */
const pieceBytes = 16 * 1024
/** Amounts from here on are read directly into their buffer. */
const directBytes = 4 * 1024
const maxTries = 250
const betweenTriesMs = 4

/** A connection to a Unix socket that is read in exact amounts, each into a buffer of the caller. */
export class ByteStream implements Disposable {
  readonly #socket: Socket
  readonly #piece = new Uint8Array(pieceBytes)
  /** The part of `#piece` that has arrived and was not requested yet. It is not overwritten before it is used. */
  #rest: Uint8Array = new Uint8Array()
  #wanted: { readonly target: Uint8Array; filled: number; done(): void; fail(error: Error): void } | undefined
  #failure: Error | undefined
  readonly #onActivity: () => void

  private constructor(path: string, onActivity: () => void) {
    this.#onActivity = onActivity
    this.#socket = createConnection({
      path,
      onread: { buffer: () => this.#next(), callback: (length, buffer) => this.#arrive(length, buffer) },
    })
    this.#socket.on('error', (error) =>
      this.fail(new DisconnectedError(`the NBD server has disconnected: ${error.message}`)),
    )
    this.#socket.on('close', () => this.fail(new DisconnectedError()))
  }

  /** @param onActivity called whenever anything arrives */
  static async connect(path: string, onActivity: () => void = () => {}): Promise<ByteStream> {
    for (let tries = 1; ; tries++) {
      const stream = new ByteStream(path, onActivity)
      try {
        await once(stream.#socket, 'connect')
        return stream
      } catch (error) {
        // A socket exists a moment before its server listens.
        if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED' || tries === maxTries) throw error
        await sleep(betweenTriesMs)
      }
    }
  }

  /**
   * Fills all of `target`. One call at a time.
   * @throws DisconnectedError, or the error that the stream was failed with
   */
  async fill(target: Uint8Array): Promise<void> {
    if (this.#failure) throw this.#failure
    if (this.#wanted) throw new Error('two readers of one stream')
    const early = this.#rest.subarray(0, target.length)
    target.set(early)
    this.#rest = this.#rest.subarray(early.length)
    if (early.length === target.length) return
    await new Promise<void>((done, fail) => {
      this.#wanted = { target, filled: early.length, done, fail }
      this.#socket.resume()
    })
  }

  async take(lengthBytes: number): Promise<Buffer> {
    const bytes = Buffer.alloc(lengthBytes)
    await this.fill(bytes)
    return bytes
  }

  write(bytes: Uint8Array): void {
    if (this.#failure === undefined) this.#socket.write(bytes)
  }

  /** Ends the connection. All present and future reads fail with this error. */
  fail(error: Error): void {
    this.#failure ??= error
    this.#socket.destroy()
    this.#wanted?.fail(this.#failure)
    this.#wanted = undefined
  }

  [Symbol.dispose](): void {
    this.fail(new DisconnectedError('the connection was closed'))
  }

  /** The buffer for the next read of the socket. Node asks for it when a read is done, even if no other follows. */
  #next(): Uint8Array {
    const rest = this.#wanted?.target.subarray(this.#wanted.filled)
    return rest !== undefined && rest.length >= directBytes ? rest : this.#piece
  }

  /** After `false` the socket is not read until more is requested. */
  #arrive(length: number, buffer: Uint8Array): boolean {
    this.#onActivity()
    const wanted = this.#wanted
    const arrived = buffer.subarray(0, length)
    const used = arrived.subarray(0, wanted === undefined ? 0 : wanted.target.length - wanted.filled)
    if (wanted) {
      if (buffer === this.#piece) wanted.target.set(used, wanted.filled)
      else if (!isAt(buffer, wanted.target, wanted.filled)) {
        this.fail(new Error('the socket was read into another buffer'))
        return false
      }
      wanted.filled += used.length
      if (wanted.filled === wanted.target.length) {
        this.#wanted = undefined
        wanted.done()
      }
    }
    this.#rest = arrived.subarray(used.length)
    return this.#wanted !== undefined
  }
}

function isAt(buffer: Uint8Array, target: Uint8Array, offset: number): boolean {
  return buffer.buffer === target.buffer && buffer.byteOffset === target.byteOffset + offset
}
