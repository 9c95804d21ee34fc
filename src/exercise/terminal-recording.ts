import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, writeSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { environmentSecrets, Redactor } from '../text/redact.ts'

/** Maximum size of one recording. The journal has a note if a session is longer. */
const maxRecordingBytes = 256 * 2 ** 20

export interface RecordingOptions {
  readonly title: string
  readonly columns: number
  readonly rows: number
  readonly maxBytes?: number
  /** Called once, if nothing more can be recorded. */
  readonly onLoss: (why: string) => void
  /** For tests. */
  readonly nowMs?: () => number
}

/**
 * The recording of one session, in asciinema's format, version 2: a header and one JSON array a line. It is readable up to
 * its last complete line if this process is killed. Known forms of secrets are replaced.
 * https://docs.asciinema.org/manual/asciicast/v2/
 */
export class TerminalRecording implements Disposable {
  readonly #options: RecordingOptions
  readonly #fd: number
  readonly #nowMs: () => number
  readonly #startedMs: number
  readonly #redactor = new Redactor(environmentSecrets(process.env))
  readonly #decoders = { i: new StringDecoder('utf8'), o: new StringDecoder('utf8') }
  readonly #hash = createHash('sha256')
  #digest: string | undefined
  #bytes = 0
  #lost: string | undefined
  #isClosed = false

  /** @param path must not exist @throws the error of the system */
  constructor(path: string, options: RecordingOptions) {
    this.#options = options
    this.#nowMs = options.nowMs ?? (() => performance.now())
    this.#startedMs = this.#nowMs()
    this.#fd = openSync(path, 'ax', 0o600)
    const { columns, rows, title } = options
    const timestamp = Math.floor(Date.now() / 1000)
    this.#write({ version: 2, width: columns, height: rows, timestamp, title, env: { TERM: 'xterm-256color' } })
  }

  /** SHA-256 of the file. Undefined before its end, and for an incomplete recording. */
  get digest(): string | undefined {
    return this.#digest
  }

  output(chunk: Uint8Array): void {
    this.#event('o', this.#decoders.o.write(Buffer.from(chunk)))
  }

  input(chunk: Uint8Array): void {
    this.#event('i', this.#decoders.i.write(Buffer.from(chunk)))
  }

  resize(columns: number, rows: number): void {
    this.#event('r', `${columns}x${rows}`)
  }

  /** A marker, e.g. the beginning of a command. */
  mark(text: string): void {
    this.#event('m', text)
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return
    for (const code of ['i', 'o'] as const) this.#event(code, this.#decoders[code].end())
    this.#isClosed = true
    if (fstatSync(this.#fd).nlink === 0) this.#lose('its file was removed while it was written')
    closeSync(this.#fd)
    if (this.#lost === undefined) this.#digest = this.#hash.digest('hex')
  }

  #event(code: string, data: string): void {
    if (data === '' || this.#isClosed) return
    const seconds = Math.round(this.#nowMs() - this.#startedMs) / 1000
    this.#write([seconds, code, this.#redactor.redact(data).value])
  }

  #write(line: object): void {
    if (this.#lost !== undefined) return
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
    const { maxBytes = maxRecordingBytes } = this.#options
    if (this.#bytes + bytes.length > maxBytes) {
      this.#lose(`it is longer than ${maxBytes} bytes: only its beginning is recorded`)
      return
    }
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at)
      this.#bytes += bytes.length
      this.#hash.update(bytes)
    } catch (error) {
      this.#lose(`it cannot be written: ${(error as Error).message}`)
    }
  }

  #lose(why: string): void {
    if (this.#lost !== undefined) return
    this.#lost = why
    this.#options.onLoss(why)
  }
}
