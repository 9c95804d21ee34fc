import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MachineError } from '../src/errors.ts'
import { createPack } from '../src/evidence/create-pack.ts'
import type { PackFile } from '../src/evidence/pack-archive.ts'
import { reportFiles } from '../src/evidence/run-files.ts'
import { LocalShell } from '../src/shell/local.ts'
import type { Argv } from '../src/shell/shell.ts'
import type { Times } from './comparison.ts'
import { buildPackage, command } from './package.ts'
import { journalText, largeJournal } from './sample-run.ts'

/** Verifies an evidence pack with the tool, and reads the same file with `sha256sum`. */
export class EvidenceBench implements Disposable {
  readonly sizeMb = 100
  readonly #folder = mkdtempSync(join(tmpdir(), 'dr-drill-bench-evidence-'))
  readonly #pack = join(this.#folder, 'pack.tar')
  readonly #key = join(this.#folder, 'operator.pem')
  readonly #signal: AbortSignal

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  /** Writes the pack of a large run: its journal, all reports, and consoles of machines as the rest. */
  async prepare(): Promise<void> {
    await buildPackage(this.#signal)
    const entries = largeJournal(3)
    const journal = Buffer.from(journalText(entries))
    const reports = await reportFiles(entries)
    const restBytes = this.sizeMb * 1e6 - [journal, ...reports.map(({ content }) => content)].reduce(sumOfLengths, 0)
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const pack = await createPack({ entries, journal, files: [...reports, ...consoles(restBytes)], keys: [privateKey] })
    writeFileSync(this.#pack, pack)
    writeFileSync(this.#key, publicKey.export({ type: 'spki', format: 'pem' }))
  }

  byTool = (): Promise<Times> =>
    this.#time([process.execPath, command, 'evidence', 'verify', this.#pack, '--trust', `operator=${this.#key}`])
  byHand = (): Promise<Times> => this.#time(['sha256sum', this.#pack]);

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #time(argv: Argv): Promise<Times> {
    const startedMs = performance.now()
    const { exitCode, stdout, stderr } = await new LocalShell().try(argv, { signal: this.#signal, deadlineMs: 60_000 })
    if (exitCode !== 0)
      throw new MachineError('bench-evidence', `${argv.join(' ')} exited with ${exitCode}:\n${stdout}${stderr}`)
    return { total: performance.now() - startedMs }
  }
}

const sumOfLengths = (sum: number, { length }: Uint8Array): number => sum + length

/** Consoles of machines, of equal size. */
function consoles(sizeBytes: number): readonly PackFile[] {
  const count = 20
  const line = (nth: number) => `[${(nth / 1000).toFixed(6).padStart(12)}] systemd[1]: Started unit ${nth}.service.\n`
  let text = ''
  for (let nth = 0; text.length < sizeBytes / count; nth++) text += line(nth)
  const content = Buffer.from(text)
  return Array.from({ length: count }, (_, nth) => ({ path: `boot/lab-1/compute-${nth + 1}.log`, content }))
}
