import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tidyMs } from '../scripts/gate/features.ts'
import { MachineError } from '../src/errors.ts'
import type { EngineName } from '../src/lab/engine/engine.ts'
import { LocalShell } from '../src/shell/local.ts'
import type { Argv } from '../src/shell/shell.ts'
import type { Times } from './comparison.ts'

const root = join(import.meta.dirname, '..')
const deadlineMs = 1_200_000

/**
 * Measures the time from a clone to the verdict on one scenario, without leftovers of an earlier run: no dependencies, no
 * npm cache, no guest image. Packages that root installs with apt-get are in place.
 */
export class FirstVerdictBench implements Disposable {
  readonly feature: string
  readonly #engine: EngineName
  readonly #signal: AbortSignal
  readonly #folders: string[] = []

  constructor(engine: EngineName, signal: AbortSignal, feature = 'features/procedure/whole-process.feature') {
    this.#engine = engine
    this.#signal = signal
    this.feature = feature
  }

  byTool = async (): Promise<Times> => {
    const folder = mkdtempSync(join(tmpdir(), 'dr-drill-bench-'))
    this.#folders.push(folder)
    const [clone, at] = [join(folder, 'clone'), (name: string) => join(folder, name)]
    const empty = { XDG_CACHE_HOME: at('cache'), XDG_STATE_HOME: at('state'), npm_config_cache: at('npm') }
    const startedMs = performance.now()
    await this.#run(['git', 'clone', '--quiet', root, clone], { cwd: folder })
    const clonedMs = performance.now()
    await this.#run(['./drill', 'run', '--engine', this.#engine, this.feature], { cwd: clone, env: empty })
    const endedMs = performance.now()
    return { clone: clonedMs - startedMs, drill: endedMs - clonedMs, total: endedMs - startedMs }
  };

  [Symbol.dispose](): void {
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true })
  }

  async #run(
    command: Argv,
    where: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
  ): Promise<void> {
    const options = { ...where, signal: this.#signal, deadlineMs, tidyMs }
    const { exitCode, stdout, stderr } = await new LocalShell().try(command, options)
    if (exitCode !== 0)
      throw new MachineError('bench-run', `${command.join(' ')} ended with ${exitCode}:\n${stdout}${stderr}`)
  }
}
