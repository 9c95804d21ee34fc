import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Shell } from '../../src/shell/shell.ts'

const goalPercent = 90

/** Measures how much of `src` all parts run together, child processes included. */
export class Coverage {
  readonly #root: string
  readonly #folder: string

  private constructor(root: string) {
    this.#root = root
    this.#folder = join(root, 'coverage', 'v8')
  }

  static async begin(root: string): Promise<Coverage> {
    const coverage = new Coverage(root)
    await rm(coverage.#folder, { recursive: true, force: true })
    await mkdir(coverage.#folder, { recursive: true })
    return coverage
  }

  /** The variables under which a process writes what it ran. */
  get environment(): Readonly<Record<string, string>> {
    return { NODE_V8_COVERAGE: this.#folder }
  }

  /** Returns the line that reports the result, and writes the details to `coverage/`. */
  async report(shell: Shell, signal: AbortSignal): Promise<string> {
    const title = 'coverage             '
    if ((await readdir(this.#folder)).length === 0) return `${title}nothing was run`
    const c8 = join(this.#root, 'node_modules/.bin/c8')
    const command = [c8, 'report', '--temp-directory', this.#folder] as const
    const { stdout, stderr } = await shell.try(command, { cwd: this.#root, signal, deadlineMs: 600_000 })
    const [, percent] = /^Lines\s*:\s*([\d.]+)%/m.exec(stdout) ?? []
    if (percent === undefined) return `c8 cannot compute the coverage:\n${stderr.trimEnd()}`
    return `${title}${percent} % of lines in src (goal: ${goalPercent} %). Details: coverage/lcov.info`
  }
}
