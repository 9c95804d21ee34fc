import { randomUUID } from 'node:crypto'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export interface CaptureOptions {
  /** Maximum kept in memory. */
  readonly maxBytes: number
  /** The folder of the file that holds all output beyond that. Undefined for no file. */
  readonly folder: string | undefined
  readonly name: 'stdout' | 'stderr'
}

/** Captures an output stream: its beginning in memory, and all of it in a file if memory does not hold it. */
export class Capture {
  readonly #options: CaptureOptions
  readonly #kept: Uint8Array[] = []
  #keptBytes = 0
  #isCut = false
  #overflow: { readonly path: string; readonly descriptor: number } | undefined

  constructor(options: CaptureOptions) {
    this.#options = options
  }

  /** The file with the whole stream. Undefined if memory holds it. */
  get overflow(): string | undefined {
    return this.#overflow?.path
  }

  /** Writes synchronously, so that no chunk is lost. Disks are faster than connections. */
  add(chunk: Uint8Array): void {
    const { maxBytes, folder, name } = this.#options
    const room = maxBytes - this.#keptBytes
    this.#isCut ||= chunk.length > room
    if (this.#overflow === undefined && this.#isCut && folder !== undefined) {
      const path = join(folder, `dr-drill-${randomUUID()}.${name}`)
      this.#overflow = { path, descriptor: openSync(path, 'wx', 0o600) }
      for (const earlier of this.#kept) writeAll(this.#overflow.descriptor, earlier)
    }
    if (this.#overflow !== undefined) writeAll(this.#overflow.descriptor, chunk)
    if (room > 0) {
      this.#kept.push(chunk.subarray(0, room))
      this.#keptBytes += Math.min(room, chunk.length)
    }
  }

  /** The text in memory, without a character that is split at its end. */
  text(): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(this.#kept), { stream: this.#isCut })
  }

  close(): void {
    if (this.#overflow !== undefined) closeSync(this.#overflow.descriptor)
  }

  /** Removes the file, for a command without a result. Call it after `close`. */
  discard(): void {
    if (this.#overflow !== undefined) rmSync(this.#overflow.path, { force: true })
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
}
