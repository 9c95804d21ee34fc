import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MachineError } from '../src/errors.ts'
import { createTarget } from '../src/generate/create.ts'
import { readShape } from '../src/generate/read-shape.ts'
import { LocalShell } from '../src/shell/local.ts'
import type { Times } from './comparison.ts'

const command = fileURLToPath(new URL('../src/cli/bin.ts', import.meta.url))
const slowOpens = fileURLToPath(new URL('slow-opens.py', import.meta.url))

/** A target of which each folder and file takes 20 ms to open, as on a share that is far away. Needs root (fanotify). */
export class AssessSlowBench implements AsyncDisposable {
  readonly images = 800
  readonly #folder = mkdtempSync(join(tmpdir(), 'dr-drill-bench-'))
  readonly #target = join(this.#folder, 'target')
  readonly #signal: AbortSignal
  #slow: ChildProcess | undefined
  #startMs = 0

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  async prepare(): Promise<void> {
    const shape = readShape(undefined, { workloads: this.images / 20, vms: 1, disks: 1, snapshots: 20 })
    await createTarget({ directory: this.#target, shape, signal: this.#signal })
    const least = join(this.#folder, 'least')
    await createTarget({ directory: least, shape: readShape(undefined, { workloads: 1, snapshots: 1 }) })
    this.#startMs = await this.#assess(least, [])
    const slow = spawn('python3', [slowOpens, this.#target, '20'], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#slow = slow
    const [said] = await Promise.race([once(slow.stdout, 'data'), once(slow, 'exit')])
    if (!String(said).startsWith('slow')) throw new MachineError('bench-assess', 'no opens can be made slow here')
  }

  /** Without what a target of one image takes: that is the start of the processes. */
  byTool = async (): Promise<Times> => ({ total: (await this.#assess(this.#target, [])) - this.#startMs })

  oneByOne = async (): Promise<Times> => ({
    total: (await this.#assess(this.#target, ['--concurrency', '1'])) - this.#startMs,
  })

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#slow?.exitCode === null) {
      this.#slow.stdin?.end()
      await once(this.#slow, 'exit')
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #assess(target: string, options: readonly string[]): Promise<number> {
    const argv = [process.execPath, command, 'assess', target, '--depth', 'headers', ...options] as const
    const startedMs = performance.now()
    const { exitCode, stderr } = await new LocalShell().try(argv, { signal: this.#signal, deadlineMs: 600_000 })
    if (exitCode !== 0) throw new MachineError('bench-assess', `it ended with ${exitCode}:\n${stderr}`)
    return performance.now() - startedMs
  }
}
