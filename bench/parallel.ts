import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MachineError } from '../src/errors.ts'
import { LocalShell } from '../src/shell/local.ts'
import type { Times } from './comparison.ts'

const root = join(import.meta.dirname, '..')
const deadlineMs = 1_800_000

/** The features of the documented procedure, by the tool itself: side by side, and one after another. */
export class ParallelBench implements Disposable {
  readonly features = 'features/procedure'
  readonly #reports = mkdtempSync(join(tmpdir(), 'dr-drill-bench-'))
  readonly #signal: AbortSignal

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  sideBySide = (): Promise<Times> => this.#run(2)
  oneAfterAnother = (): Promise<Times> => this.#run(1);

  [Symbol.dispose](): void {
    rmSync(this.#reports, { recursive: true, force: true })
  }

  async #run(processes: number): Promise<Times> {
    const options = ['--parallel', `${processes}`, '--reports', this.#reports]
    const command = [process.execPath, join(root, 'src/cli/main.ts'), 'run', ...options, this.features] as const
    const startedMs = performance.now()
    const { exitCode, stdout } = await new LocalShell().try(command, { cwd: root, signal: this.#signal, deadlineMs })
    if (exitCode !== 0) throw new MachineError('bench-run', `${command.join(' ')} ended with ${exitCode}:\n${stdout}`)
    return { total: performance.now() - startedMs }
  }
}
