import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { slowOpens } from '../src/assess/scan/silence.fixture.ts'
import { createTarget } from '../src/generate/create.ts'
import { readShape } from '../src/generate/read-shape.ts'
import { timeAssess } from './assess-process.ts'
import type { Times } from './comparison.ts'
import { buildPackage } from './package.ts'

/** A target whose folders and files each take 20 ms to open, like a distant share. Requires root (fanotify). */
export class AssessSlowBench implements Disposable {
  readonly images = 800
  readonly #folder = mkdtempSync(join(tmpdir(), 'dr-drill-bench-'))
  readonly #target = join(this.#folder, 'target')
  readonly #signal: AbortSignal
  #slow: Disposable | undefined
  #startMs = 0

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  async prepare(): Promise<void> {
    await buildPackage(this.#signal)
    const asked = { workloads: this.images / 20, vms: 1, disks: 1, snapshots: 20 }
    await createTarget({ directory: this.#target, shape: readShape(undefined, asked), signal: this.#signal })
    const least = join(this.#folder, 'least')
    await createTarget({ directory: least, shape: readShape(undefined, { ...asked, workloads: 1, snapshots: 1 }) })
    this.#startMs = await timeAssess({ target: least, images: 1, signal: this.#signal })
    const entries = readdirSync(this.#target, { recursive: true, withFileTypes: true })
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ parentPath, name }) => join(parentPath, name))
    this.#slow = await slowOpens(20, [this.#target, ...folders])
  }

  byTool = (): Promise<Times> => this.#assess([])
  oneByOne = (): Promise<Times> => this.#assess(['--concurrency', '1']);

  [Symbol.dispose](): void {
    this.#slow?.[Symbol.dispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Subtracts the time for a target of one image, which is that of starting the processes. */
  async #assess(options: readonly string[]): Promise<Times> {
    const { images } = this
    const tookMs = await timeAssess({ target: this.#target, images, options, signal: this.#signal })
    return { total: tookMs - this.#startMs }
  }
}
