import { closeSync, openSync, writeSync } from 'node:fs'

/** What a machine's console says: all of it in a file, the last lines at hand, and a bell for the lines waited for. */
export class BootLog implements Disposable {
  readonly file: string
  readonly #descriptor: number
  readonly #last: string[] = []
  readonly #waiting = new Set<{ readonly line: string; readonly ring: () => void }>()
  /** Told what the kernel says when it gives up. */
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
    for (const line of lines) this.#take(line)
  }

  /** Resolves when the console next prints this line. */
  next(line: string): Promise<void> {
    return new Promise((resolve) => this.#waiting.add({ line, ring: resolve }))
  }

  /** The last lines, for messages. */
  tail(lines = 25): string {
    return this.#last.slice(-lines).join('\n')
  }

  #take(line: string): void {
    this.#last.push(line)
    if (this.#last.length > 200) this.#last.shift()
    if (line.includes('Kernel panic - not syncing')) this.onPanic(line)
    for (const waiting of this.#waiting) {
      if (waiting.line !== line) continue
      this.#waiting.delete(waiting)
      waiting.ring()
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor)
  }
}
