import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MachineError } from '../src/errors.ts'
import { createTarget } from '../src/generate/create.ts'
import { readShape } from '../src/generate/read-shape.ts'
import type { Times } from './comparison.ts'
import { buildPackage, command } from './package.ts'
import { PeakMemory } from './peak-memory.ts'

/**
 * Compares a million images (25 GB on disk) with a tenth of them: whether the time grows only with their number, and
 * what it costs. Both are read from the disk, because memory has room for the tenth, but perhaps not for all.
 */
export class AssessMillionBench implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'dr-drill-bench-'))
  readonly #signal: AbortSignal
  /** The peak memory of all processes, for each run of a million images. */
  readonly peaksMib: number[] = []

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  async prepare(): Promise<void> {
    // Missing rights are reported before the targets are created.
    forgetFiles()
    await buildPackage(this.#signal)
    for (const [name, workloads] of [
      ['few', 100],
      ['many', 1000],
    ] as const) {
      const shape = readShape(undefined, { workloads, vms: 1, disks: 20, snapshots: 50 })
      await createTarget({ directory: join(this.#folder, name), shape, signal: this.#signal })
    }
  }

  /** The time for a tenth of a million images. */
  byMany = async (): Promise<Times> => ({ total: (await this.#assess('many', 1_000_000)) / 10 })

  byFew = async (): Promise<Times> => ({ total: await this.#assess('few', 100_000) });

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #assess(name: string, images: number): Promise<number> {
    forgetFiles()
    const startedMs = performance.now()
    const args = [command, 'assess', join(this.#folder, name), '--depth', 'headers']
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'], signal: this.#signal })
    using memory = new PeakMemory(child.pid)
    let text = ''
    for await (const chunk of child.stdout) text += chunk
    if (!text.includes(` ${images} images,`)) throw new MachineError('bench-assess', `not ${images} images:\n${text}`)
    if (name === 'many') this.peaksMib.push(memory.peakMib)
    return performance.now() - startedMs
  }
}

/** Flushes the page cache, and empties it. @throws MachineError without the right to do so */
function forgetFiles(): void {
  execFileSync('sync')
  try {
    writeFileSync('/proc/sys/vm/drop_caches', '3')
  } catch (cause) {
    const message = 'cannot empty the page cache, which only root may do'
    throw new MachineError('bench-caches', message, { cause })
  }
}
