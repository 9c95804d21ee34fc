import { randomUUID } from 'node:crypto'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export interface CaptureOptions {
  /** How much is kept in memory. */
  readonly maxBytes: number
  /** Where the file goes that holds everything, should it be more than that; undefined for no file. */
  readonly folder: string | undefined
  readonly name: 'stdout' | 'stderr'
}

/** One output stream: its beginning in memory, and all of it in a file, if one is wanted, as soon as that is not everything. */
export class Capture {
  readonly #options: CaptureOptions
  readonly #kept: Uint8Array[] = []
  #keptBytes = 0
  #isCut = false
  #overflow: { readonly path: string; readonly descriptor: number } | undefined

  constructor(options: CaptureOptions) {
    this.#options = options
  }

  /** The file with the whole stream; undefined if memory holds it. */
  get overflow(): string | undefined {
    return this.#overflow?.path
  }

  /** Written synchronously: nothing can be lost between a chunk and the end, and disks outrun connections. */
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

  /** What is in memory; a character that is cut in two at the end of it is left out. */
  text(): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(this.#kept), { stream: this.#isCut })
  }

  close(): void {
    if (this.#overflow !== undefined) closeSync(this.#overflow.descriptor)
  }

  /** For a stream whose result nobody gets: no file is left. Call it after `close`. */
  discard(): void {
    if (this.#overflow !== undefined) rmSync(this.#overflow.path, { force: true })
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
}
