import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTarget } from '../src/generate/create.ts'
import { readShape } from '../src/generate/read-shape.ts'
import type { Times } from './comparison.ts'

const shape = readShape(undefined, { workloads: 70, vms: '2', disks: '2', snapshots: 20 })

/** The creation of a target without data: its tree, its records, and its images. */
export class TargetBench implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'dr-drill-bench-'))
  readonly #signal: AbortSignal
  #made = 0
  /** The folders and files of a target. A file has its bytes without the hole at its end, and its length. */
  #folders: readonly string[] = []
  #files: readonly { readonly path: string; readonly bytes: Buffer; readonly length: number }[] = []
  images = 0

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  async prepare(): Promise<void> {
    const directory = join(this.#folder, 'model')
    const { images } = await createTarget({ directory, shape, signal: this.#signal })
    this.images = images
    const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' }).toSorted()
    const isFolder = (path: string) => statSync(join(directory, path)).isDirectory()
    this.#folders = paths.filter(isFolder)
    this.#files = paths
      .filter((path) => !isFolder(path))
      .map((path) => {
        const content = readFileSync(join(directory, path))
        return { path, bytes: content.subarray(0, 16_384), length: content.length }
      })
    rmSync(directory, { recursive: true })
  }

  byTool = async (): Promise<Times> => {
    const directory = join(this.#folder, `${this.#made++}`)
    const startedMs = performance.now()
    await createTarget({ directory, shape, signal: this.#signal })
    return this.#timed(directory, startedMs)
  }

  /** Scales the time up to 50,000 images. */
  byToolOf50000 = async (): Promise<Times> => {
    const { total = Number.NaN } = await this.byTool()
    return { total: (50_000 / this.images) * total }
  }

  byHand = async (): Promise<Times> => {
    const directory = join(this.#folder, `${this.#made++}`)
    const startedMs = performance.now()
    mkdirSync(directory)
    for (const folder of this.#folders) mkdirSync(join(directory, folder))
    for (const { path, bytes, length } of this.#files) {
      writeFileSync(join(directory, path), bytes)
      if (length > bytes.length) truncateSync(join(directory, path), length)
    }
    return this.#timed(directory, startedMs)
  }

  #timed(directory: string, startedMs: number): Times {
    const total = performance.now() - startedMs
    rmSync(directory, { recursive: true })
    return { total }
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
