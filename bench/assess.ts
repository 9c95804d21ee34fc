import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MachineError } from '../src/errors.ts'
import { createTarget } from '../src/generate/create.ts'
import { readShape } from '../src/generate/read-shape.ts'
import { planTarget } from '../src/generate/target-plan.ts'
import { LocalShell } from '../src/shell/local.ts'
import type { Argv } from '../src/shell/shell.ts'
import { timeAssess } from './assess-process.ts'
import type { Times } from './comparison.ts'
import { buildPackage } from './package.ts'

const bareWalk = fileURLToPath(new URL('bare-walk.ts', import.meta.url))
const deadlineMs = 600_000

/**
 * Assesses the headers or tables of 20,000 images in 62,000 folders on a local disk, warm, and compares with common alternatives.
 */
export class AssessBench implements Disposable {
  readonly images = 20_000
  /** Processes are so slow that a part of the images is enough. */
  readonly #imagesOfQemu = 300
  readonly #folder = mkdtempSync(join(tmpdir(), 'dr-drill-bench-'))
  readonly #target = join(this.#folder, 'target')
  readonly #least = join(this.#folder, 'least')
  readonly #signal: AbortSignal
  #sample: readonly string[] = []

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  async prepare(): Promise<void> {
    await buildPackage(this.#signal)
    const asked = { workloads: this.images / 10, vms: 1, disks: 1, snapshots: 10 }
    const shape = readShape(undefined, asked)
    await createTarget({ directory: this.#target, shape, signal: this.#signal })
    const least = readShape(undefined, { ...asked, workloads: 1, snapshots: 1 })
    await createTarget({ directory: this.#least, shape: least })
    const sample: string[] = []
    for (const { snapshots } of planTarget(shape).workloads()) {
      const [image] = snapshots.at(-1)?.disks[0]?.images ?? []
      if (image) sample.push(join(this.#target, image.path))
      if (sample.length === this.#imagesOfQemu) break
    }
    this.#sample = sample
  }

  /** Subtracts the time for a target of one image, which is that of starting the processes. */
  byTool = (depth: 'headers' | 'tables') => async (): Promise<Times> => {
    const signal = this.#signal
    const start = await timeAssess({ target: this.#least, images: 1, depth, signal })
    return { total: (await timeAssess({ target: this.#target, images: this.images, depth, signal })) - start, start }
  }

  byBareWalk = (depth: 'headers' | 'tables') => async (): Promise<Times> => {
    const { tookMs } = JSON.parse(await this.#run([process.execPath, bareWalk, this.#target, depth])) as {
      tookMs: number
    }
    return { total: tookMs }
  }

  byQemu = async (): Promise<Times> => {
    const loop = 'for path do qemu-img info -U --output=json -f qcow2 "$path" >/dev/null || exit 1; done'
    const startedMs = performance.now()
    await this.#run(['sh', '-c', loop, 'sh', ...this.#sample])
    return { total: ((performance.now() - startedMs) * this.images) / this.#imagesOfQemu }
  };

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #run(argv: Argv): Promise<string> {
    const { exitCode, stdout, stderr } = await new LocalShell().try(argv, { signal: this.#signal, deadlineMs })
    if (exitCode !== 0) throw new MachineError('bench-assess', `${argv[0]} exited with ${exitCode}:\n${stderr}`)
    return stdout
  }
}
