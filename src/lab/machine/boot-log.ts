import { closeSync, openSync, writeSync } from 'node:fs'

/** Writes the output of a machine's console to a file, keeps its last lines, and notices expected lines. */
export class BootLog implements Disposable {
  readonly file: string
  readonly #descriptor: number
  readonly #last: string[] = []
  readonly #waiting = new Set<{ readonly line: string; readonly resolve: () => void }>()
  /** Called with the line that the kernel prints when it panics. */
  onPanic: (line: string) => void = () => {}
  readonly #decoder = new TextDecoder()
  #partial = ''

  constructor(file: string) {
    this.file = file
    this.#descriptor = openSync(file, 'a')
  }

  write(chunk: Uint8Array): void {
    writeSync(this.#descriptor, chunk)
    const lines = (this.#partial + this.#decoder.decode(chunk, { stream: true })).split(/\r?\n/)
    this.#partial = lines.pop() ?? ''
    for (const line of lines) this.#read(line)
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
    closeSync(this.#descriptor)
  }
}
