import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { confusionMatrix, type DamagedImage, isWrongPass, judgeDamaged } from '../src/assess/damaged-target.fixture.ts'
import { judgeMutations, printMutations } from './truth-of-mutations.ts'

/** The numbers of images and of mutations. Smaller ones in the environment are for trying it. */
const images = Number(process.env['DR_DRILL_TRUTH_IMAGES'] ?? 1500)
const mutations = Number(process.env['DR_DRILL_TRUTH_MUTATIONS'] ?? 20_000)
const seed = Number(process.env['DR_DRILL_TRUTH_SEED'] ?? 20_261_129)

type Count = readonly [ours: number, ofQemu: number]

/** Verdicts on damaged images, against what qemu-img finds in them and reads from them: see truth.md. */
export class TruthBench implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'dr-drill-bench-'))
  readonly #signal: AbortSignal

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  /** Counts images that are reported as restorable although they are not, and all that are not, at two depths. */
  async wrongPasses(): Promise<Readonly<Record<'tables' | 'content', Count>>> {
    const judged: DamagedImage[] = []
    const folder = join(this.#folder, 'target')
    mkdirSync(folder)
    for await (const image of judgeDamaged(folder, images, seed, ['tables', 'content'])) {
      this.#signal.throwIfAborted()
      judged.push(image)
      for (const depth of ['tables', 'content']) {
        const { seed: of, change, check, content, verdicts } = image
        if (isWrongPass(image, depth))
          print(`WRONG at ${depth}: ${JSON.stringify({ of, change, check, content, state: verdicts[depth]?.state })}`)
      }
    }
    print(`${judged.length} images, each with 1 to 4 changed bytes of metadata, and no recorded digests:`)
    for (const depth of ['tables', 'content']) print(confusionMatrix(judged, depth))
    const countAt = (depth: string): Count => [
      judged.filter((image) => isWrongPass(image, depth)).length,
      judged.filter(({ content }) => content !== 'same').length,
    ]
    return { tables: countAt('tables'), content: countAt('content') }
  }

  /**
   * Counts damaged images in which qemu-img finds something and dr-drill nothing, and images that it reads otherwise or
   * not to their end although dr-drill passes them, without a field that explains it.
   */
  async missedErrors(): Promise<{ readonly missed: Count; readonly unexplained: Count }> {
    const truth = await judgeMutations(join(this.#folder, 'mutations'), mutations, seed + 2, this.#signal)
    print(`${mutations} mutations of all seeds.`)
    print(printMutations(truth))
    const unexplained = truth.read.filter(({ explained }) => explained.length === 0)
    return {
      missed: [truth.missed.length, truth.found],
      unexplained: [unexplained.length, truth.read.length],
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

const print = (line: string) => process.stderr.write(`${line}\n`)
