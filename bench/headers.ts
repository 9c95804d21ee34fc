import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MachineError } from '../src/errors.ts'
import { parseHeader } from '../src/image/header.ts'
import { create } from '../src/image/qemu.ts'
import { LocalShell } from '../src/shell/local.ts'
import type { Argv } from '../src/shell/shell.ts'
import type { Times } from './comparison.ts'

const deadlineMs = 600_000
const headBytes = 4096

/** Reads headers of empty overlays in this process, and with one `qemu-img info` each. */
export class HeaderBench implements Disposable {
  /** The number of images that the times are for. */
  readonly images = 1000
  /** Processes are so slow that a part of the images is enough. */
  readonly #imagesOfQemu = 100
  readonly #folder = mkdtempSync(join(tmpdir(), 'dr-drill-bench-'))
  readonly #paths: readonly string[]
  readonly #signal: AbortSignal

  constructor(signal: AbortSignal) {
    this.#signal = signal
    this.#paths = Array.from({ length: this.images }, (_, index) => join(this.#folder, `${index}.qcow2`))
  }

  async prepare(): Promise<void> {
    const parent = join(this.#folder, 'parent')
    const overlay = join(this.#folder, 'overlay')
    await this.#run(create(parent, 10 * 2 ** 30))
    await this.#run(create(overlay, 10 * 2 ** 30, { name: parent }))
    const bytes = readFileSync(overlay)
    for (const path of this.#paths) {
      writeFileSync(path, bytes.subarray(0, headBytes))
      truncateSync(path, bytes.length)
    }
  }

  byTool = async (): Promise<Times> => {
    const startedMs = performance.now()
    const head = new Uint8Array(headBytes)
    let backed = 0
    for (const path of this.#paths) {
      const file = openSync(path, 'r')
      try {
        if (parseHeader(head.subarray(0, readSync(file, head))).backing !== undefined) backed++
      } finally {
        closeSync(file)
      }
    }
    if (backed !== this.images) throw new MachineError('bench-headers', `${backed} headers name a parent`)
    return { total: performance.now() - startedMs }
  }

  byHand = async (): Promise<Times> => {
    const loop = 'for path do qemu-img info --output=json -f qcow2 "$path" >/dev/null || exit 1; done'
    const startedMs = performance.now()
    await this.#run(['sh', '-c', loop, 'sh', ...this.#paths.slice(0, this.#imagesOfQemu)])
    return { total: ((performance.now() - startedMs) * this.images) / this.#imagesOfQemu }
  };

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #run(command: Argv): Promise<void> {
    const { exitCode, stderr } = await new LocalShell().try(command, { signal: this.#signal, deadlineMs })
    if (exitCode !== 0) throw new MachineError('bench-headers', `${command[0]} exited with ${exitCode}:\n${stderr}`)
  }
}
