import { randomFillSync } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, truncateSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ReadContent } from '../src/assess/judge/content-port.ts'
import { openContentReader } from '../src/content/open-reader.ts'
import { MachineError } from '../src/errors.ts'
import { digestFile } from '../src/image/digest-file.ts'
import { convertToImage, readOut } from '../src/image/qemu.ts'
import { LocalShell } from '../src/shell/local.ts'
import type { Argv } from '../src/shell/shell.ts'
import type { Times } from './comparison.ts'

const deadlineMs = 600_000
const pieceBytes = 2 ** 20

/** Reads and digests one image in this process, and with `qemu-img convert` to a raw file followed by `openssl`. */
export class ContentBench implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'dr-drill-bench-'))
  readonly #image = join(this.#folder, 'image.qcow2')
  readonly #raw = join(this.#folder, 'image.raw')
  readonly #sizeBytes: number
  readonly #every: number
  readonly #signal: AbortSignal
  #read: ReadContent | undefined
  #digest = ''

  /** @param every distance of the MiB with data */
  constructor(sizeBytes: number, every: number, signal: AbortSignal) {
    this.#sizeBytes = sizeBytes
    this.#every = every
    this.#signal = signal
  }

  async prepare(): Promise<void> {
    const { bavail, bsize } = statfsSync(this.#folder)
    const neededBytes = (3 * this.#sizeBytes) / this.#every + 2 ** 30
    if (bavail * bsize < neededBytes)
      throw new MachineError('bench-content', `${this.#folder} has less than ${neededBytes} bytes free`)
    const file = openSync(this.#raw, 'w')
    const piece = Buffer.alloc(pieceBytes)
    for (let at = 0; at < this.#sizeBytes; at += pieceBytes * this.#every)
      writeSync(file, randomFillSync(piece), 0, pieceBytes, at)
    closeSync(file)
    truncateSync(this.#raw, this.#sizeBytes)
    await this.#run(convertToImage({ format: 'raw', path: this.#raw }, this.#image))
    this.#digest = await digestFile(this.#raw)
    this.#read = await openContentReader()
  }

  byTool = async (): Promise<Times> => {
    const startedMs = performance.now()
    const links = [{ path: this.#image, virtualBytes: this.#sizeBytes }]
    const result = await this.#read?.(links, { signal: this.#signal })
    const total = performance.now() - startedMs
    if (result?.kind !== 'read' || result.digest !== this.#digest)
      throw new MachineError('bench-content', `the image was not read: ${JSON.stringify(result)}`)
    return { total }
  }

  byHand = async (): Promise<Times> => {
    rmSync(this.#raw, { force: true })
    const startedMs = performance.now()
    await this.#run(readOut(this.#image, this.#raw))
    const convertedMs = performance.now()
    await this.#run(['openssl', 'dgst', '-sha256', this.#raw])
    const endedMs = performance.now()
    return { convert: convertedMs - startedMs, digest: endedMs - convertedMs, total: endedMs - startedMs }
  };

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #run(command: Argv): Promise<void> {
    const { exitCode, stderr } = await new LocalShell().try(command, { signal: this.#signal, deadlineMs })
    if (exitCode !== 0) throw new MachineError('bench-content', `${command[0]} exited with ${exitCode}:\n${stderr}`)
  }
}
