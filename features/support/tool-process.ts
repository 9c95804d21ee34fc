import { type ChildProcess, spawn } from 'node:child_process'
import type { Surroundings } from './surroundings.ts'

/** dr-drill in a process of its own. */
export class ToolProcess implements Disposable {
  /** Resolves to its exit code, or to the signal that ended it. */
  readonly ended: Promise<number | string>
  readonly #child: ChildProcess
  #output = ''
  #standardOutput = ''

  constructor(args: readonly string[], { launcher = [], environment = {}, project }: Surroundings = {}) {
    const [program = '', ...words] = [...launcher, process.execPath, process.argv[1] ?? '', ...args]
    // A process group of its own can be killed as a whole.
    this.#child = spawn(program, words, { detached: true, cwd: project, env: { ...process.env, ...environment } })
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk) => {
        this.#output += chunk
      })
    this.#child.stdout?.on('data', (chunk) => {
      this.#standardOutput += chunk
    })
    this.ended = new Promise((resolve, reject) => {
      this.#child.on('error', reject)
      this.#child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown'))
    })
  }

  /** @throws when the process could not be started */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('dr-drill was not started')
    return this.#child.pid
  }

  /** Its output so far. */
  get output(): string {
    return this.#output
  }

  /** Its output so far without messages for people. */
  get standardOutput(): string {
    return this.#standardOutput
  }

  /** Writes to its standard input. */
  type(text: string): void {
    this.#child.stdin?.write(text)
  }

  /** Signals the process only. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Kills all processes of its group. */
  killGroup(): void {
    try {
      process.kill(-this.pid, 'SIGKILL')
    } catch {
      // All of them have ended already.
    }
  }

  [Symbol.dispose](): void {
    this.killGroup()
  }
}
