import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MachineError } from '../src/errors.ts'
import { openSource } from '../src/image/byte-source.ts'
import { readHeader } from '../src/image/header.ts'
import { checkTables } from '../src/image/tables.ts'
import { LocalShell } from '../src/shell/local.ts'
import type { Argv } from '../src/shell/shell.ts'
import type { Times } from './comparison.ts'

const deadlineMs = 600_000

/** Checks the tables of one image that is full, in this process and with `qemu-img check`. Its content is a hole. */
export class FullTablesBench implements Disposable {
  readonly sizeGib = 256
  readonly #folder = mkdtempSync(join(tmpdir(), 'dr-drill-bench-'))
  readonly #image = join(this.#folder, 'image')
  readonly #signal: AbortSignal

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  async prepare(): Promise<void> {
    const options = ['-f', 'qcow2', '-o', 'preallocation=metadata']
    await this.#run(['qemu-img', 'create', '-q', ...options, this.#image, `${this.sizeGib}G`])
  }

  byTool = async (): Promise<Times> => {
    const startedMs = performance.now()
    await using source = await openSource(this.#image)
    const { verdict } = await checkTables(source, await readHeader(source), source.fileBytes)
    if (verdict !== 'sound') throw new MachineError('bench-tables', `the tables of a new image are ${verdict}`)
    return { total: performance.now() - startedMs }
  }

  byHand = async (): Promise<Times> => {
    const startedMs = performance.now()
    await this.#run(['qemu-img', 'check', '-q', '-f', 'qcow2', this.#image])
    return { total: performance.now() - startedMs }
  };

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #run(argv: Argv): Promise<void> {
    await new LocalShell().run(argv, { signal: this.#signal, deadlineMs })
  }
}
