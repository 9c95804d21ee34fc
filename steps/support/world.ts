import { World } from '@cucumber/cucumber'
import {
  type Drill,
  type ImageRecord,
  InputError,
  labsOf,
  type Machine,
  Rehearsal,
  type RestoreSeries,
  runOf,
} from '../../src/index.ts'

/** What the steps of one scenario share. */
export class DrillWorld extends World {
  #rehearsal: Rehearsal | undefined
  #series: RestoreSeries | undefined

  get drill(): Drill {
    return runOf(this.parameters).drill
  }

  get rehearsal(): Rehearsal {
    this.#rehearsal ??= new Rehearsal(this.drill, labsOf(runOf(this.parameters)))
    return this.#rehearsal
  }

  /** The restores of the last `When`. */
  get series(): RestoreSeries {
    if (this.#series === undefined) throw new InputError('nothing was restored yet')
    return this.#series
  }

  get nodes(): readonly Machine[] {
    return this.rehearsal.site.nodes
  }

  get computes(): readonly Machine[] {
    return this.rehearsal.site.computes
  }

  async restore(images: readonly ImageRecord[], nodes: readonly Machine[]): Promise<void> {
    this.#series = await this.rehearsal.restore(images, nodes)
  }

  /** The restores of the last `When`, or of the images of one type or on one node only, as a claim names them. */
  restores({ type, node }: { type?: ImageRecord['type']; node?: string } = {}) {
    const { ids, nodes, images } = this.series
    const chosen = images.filter((image) => type === undefined || image.type === type)
    const where = node === undefined ? nodes : [this.rehearsal.node(node).where]
    const paths = new Set(chosen.map(({ path }) => path))
    const entries = this.drill.journal.entries().flatMap((entry) => (entry.kind === 'restore' ? [entry.restore] : []))
    const restores = entries
      .filter((one) => ids.includes(one.id) && where.includes(one.node) && paths.has(one.image.path))
      .map(({ id }) => id)
    return { restores, nodes: where, images: [...paths] }
  }
}
