import { closeSync, openSync, writeSync } from 'node:fs'
import { environmentSecrets, LineRedactor } from '../../text/redact.ts'

const maxLineBytes = 64 * 1024

/**
 * Writes the output of a machine's console to a file, keeps its last lines, and notices expected lines. Secrets in it are
 * replaced, line by line.
 */
export class BootLog implements Disposable {
  readonly file: string
  readonly #descriptor: number
  readonly #last: string[] = []
  readonly #waiting = new Set<{ readonly line: string; readonly resolve: () => void }>()
  /** Called with the line that the kernel prints when it panics. */
  onPanic: (line: string) => void = () => {}
  readonly #decoder = new TextDecoder()
  readonly #redactor = new LineRedactor(environmentSecrets(process.env))
  /** The bytes of a line that is not complete yet, as Latin-1, which keeps each of them. */
  #unwritten = ''
  #partial = ''

  constructor(file: string) {
    this.file = file
    this.#descriptor = openSync(file, 'a')
  }

  write(chunk: Uint8Array): void {
    this.#writeLines(chunk)
    const lines = (this.#partial + this.#decoder.decode(chunk, { stream: true })).split(/\r?\n/)
    this.#partial = lines.pop() ?? ''
    for (const line of lines) this.#read(line)
  }

  #writeLines(chunk: Uint8Array): void {
    const lines = (this.#unwritten + Buffer.from(chunk).toString('latin1')).split('\n')
    const rest = lines.pop() ?? ''
    // A line without an end is not kept back for ever.
    this.#unwritten = rest.length > maxLineBytes ? '' : rest
    const whole = lines.map((line) => `${this.#redactor.redact(line)}\n`).join('')
    const text = whole + (rest.length > maxLineBytes ? this.#redactor.redact(rest) : '')
    if (text !== '') writeSync(this.#descriptor, Buffer.from(text, 'latin1'))
  }

  /** Resolves when the console next prints this line. */
  next(line: string): Promise<void> {
    return new Promise((resolve) => this.#waiting.add({ line, resolve }))
  }

  /** The last lines, for messages. */
  tail(lines = 25): string {
    return this.#last.slice(-lines).join('\n')
  }

  #read(line: string): void {
    this.#last.push(line)
    if (this.#last.length > 200) this.#last.shift()
    if (line.includes('Kernel panic - not syncing')) this.onPanic(line)
    for (const waiting of this.#waiting) {
      if (waiting.line !== line) continue
      this.#waiting.delete(waiting)
      waiting.resolve()
    }
  }

  [Symbol.dispose](): void {
    if (this.#unwritten !== '')
      writeSync(this.#descriptor, Buffer.from(this.#redactor.redact(this.#unwritten), 'latin1'))
    this.#unwritten = ''
    closeSync(this.#descriptor)
  }
}
