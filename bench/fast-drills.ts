import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tidyMs } from '../scripts/gate/features.ts'
import { MachineError } from '../src/errors.ts'
import type { EngineName } from '../src/lab/engine/engine.ts'
import { LocalShell } from '../src/shell/local.ts'
import type { Times } from './comparison.ts'

const root = join(import.meta.dirname, '..')
const deadlineMs = 1_800_000
const tags = '@fast'

/** Runs all features with the tag @fast by the tool: in the default number of processes, in two, and in one. */
export class FastDrillsBench implements Disposable {
  readonly #reports = mkdtempSync(join(tmpdir(), 'dr-drill-bench-'))
  readonly #engine: EngineName
  readonly #signal: AbortSignal
  readonly #paths: readonly string[]

  constructor(engine: EngineName, signal: AbortSignal, paths: readonly string[] = ['features']) {
    this.#engine = engine
    this.#signal = signal
    this.#paths = paths
  }

  byDefault = (): Promise<Times> => this.#run('auto')
  inTwo = (): Promise<Times> => this.#run('2')
  inOne = (): Promise<Times> => this.#run('1');

  [Symbol.dispose](): void {
    rmSync(this.#reports, { recursive: true, force: true })
  }

  async #run(processes: string): Promise<Times> {
    const how = ['--engine', this.#engine, '--parallel', processes, '--reports', this.#reports]
    const which = ['--tags', tags, ...this.#paths]
    const command = [join(root, 'drill'), 'run', ...how, ...which] as const
    const startedMs = performance.now()
    const options = { cwd: root, signal: this.#signal, deadlineMs, tidyMs }
    const { exitCode, stdout } = await new LocalShell().try(command, options)
    if (exitCode !== 0) throw new MachineError('bench-run', `${command.join(' ')} ended with ${exitCode}:\n${stdout}`)
    return { total: performance.now() - startedMs }
  }
}
