import { World } from '@cucumber/cucumber'
import {
  type Drill,
  type Fault,
  type ImageRecord,
  InputError,
  labsOf,
  type Machine,
  type Moment,
  parseRunbook,
  type RecoveryChoice,
  Rehearsal,
  type RestoreSeries,
  restoreAfterInterruptions,
  runOf,
} from '../../src/index.ts'

/** Which images or restores a step is about; what is left out is all of them. */
export interface RestoreChoice {
  readonly type?: ImageRecord['type']
  readonly workload?: string
  readonly snapshot?: number
  /** As `Rehearsal.node` takes it. */
  readonly node?: string
}

/** The nodes that a step is about. */
export interface NodeChoice {
  /** None: the site that restores are made on. */
  readonly sites: readonly string[]
}

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

  nodesOf({ sites }: NodeChoice): readonly Machine[] {
    return sites.length === 0 ? this.nodes : sites.flatMap((site) => this.rehearsal.lab.site(site).nodes)
  }

  /** As the project's configuration says, or as documented: every origin path is bound on every node. */
  async recover(): Promise<void> {
    const { recovery, project } = this.parameters as { readonly recovery?: string; readonly project?: string }
    if (recovery === undefined) return await this.rehearsal.bind(this.nodes)
    const { command, on, deadlineMs } = JSON.parse(recovery) as RecoveryChoice
    const runbook = parseRunbook(command, project ?? process.cwd())
    if (on === 'control host') await this.rehearsal.runbooks.onControlHost(runbook, deadlineMs)
    else await this.rehearsal.runbooks.onNodes(runbook, this.nodes, deadlineMs)
  }

  get computes(): readonly Machine[] {
    return this.rehearsal.site.computes
  }

  async restore(images: readonly ImageRecord[], nodes: readonly Machine[]): Promise<void> {
    this.#series = await this.rehearsal.restore(images, nodes)
  }

  async restoreAfterEach(
    faults: readonly Fault[],
    images: readonly ImageRecord[],
    nodes: readonly Machine[],
  ): Promise<void> {
    this.#series = await this.rehearsal.restoreAfterEach(faults, images, nodes)
  }

  /** The moments of the last `restoreAfterInterruptions`. */
  moments: readonly Moment[] = []

  async restoreAfterInterruptions(moments: readonly Moment[]): Promise<void> {
    this.moments = moments
    this.#series = await restoreAfterInterruptions(this.rehearsal, moments, this.rehearsal.images, this.nodes)
  }

  /** The images that a step names. */
  images({ type, workload, snapshot }: RestoreChoice): readonly ImageRecord[] {
    return this.rehearsal.images.filter(
      (image) =>
        (type === undefined || image.type === type) &&
        (workload === undefined || image.workload === workload) &&
        (snapshot === undefined || image.snapshot === snapshot),
    )
  }

  /** The restores of the last `When`, or those of them that a claim names. */
  restores(choice: RestoreChoice = {}) {
    return this.#restoresOf(this.images(choice), choice.node)
  }

  /** The same, apart for each image. */
  restoresByImage(choice: RestoreChoice = {}) {
    const images = this.images(choice).filter((image) => this.series.images.includes(image))
    return images.map((image) => ({ image, restores: this.#restoresOf([image], choice.node) }))
  }

  #restoresOf(chosen: readonly ImageRecord[], node?: string) {
    const { ids, nodes, images } = this.series
    const where = node === undefined ? nodes : [this.rehearsal.node(node).where]
    const paths = new Set(chosen.filter((image) => images.includes(image)).map(({ path }) => path))
    const entries = this.drill.journal.entries().flatMap((entry) => (entry.kind === 'restore' ? [entry.restore] : []))
    const restores = entries
      .filter((one) => ids.includes(one.id) && where.includes(one.node) && paths.has(one.image.path))
      .map(({ id }) => id)
    return { restores, nodes: where, images: [...paths] }
  }
}
