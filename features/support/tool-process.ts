import { type ChildProcess, spawn } from 'node:child_process'
import type { Surroundings } from './surroundings.ts'

/** The tool itself, as a process of its own. */
export class ToolProcess implements Disposable {
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
  readonly #child: ChildProcess
  #output = ''

  constructor(args: readonly string[], { launcher = [], environment = {}, project }: Surroundings = {}) {
    const [program = '', ...words] = [...launcher, process.execPath, process.argv[1] ?? '', ...args]
    // In a process group of its own, so that all of it can be killed at once.
    this.#child = spawn(program, words, { detached: true, cwd: project, env: { ...process.env, ...environment } })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk) => {
        this.#output += chunk
      })
    this.ended = new Promise((resolve, reject) => {
      this.#child.on('error', reject)
      this.#child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown'))
    })
  }

  /** @throws when it could not be started */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('it was not started')
    return this.#child.pid
  }

  /** All that it has said so far. */
  get output(): string {
    return this.#output
  }

  /** To the process alone. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** With all processes of its group, and without a word. */
  killGroup(): void {
    try {
      process.kill(-this.pid, 'SIGKILL')
    } catch {
      // All of it has ended already.
    }
  }

  [Symbol.dispose](): void {
    this.killGroup()
  }
}
