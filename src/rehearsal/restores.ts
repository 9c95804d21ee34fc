import type { ImageRecord } from '../backup/catalog.ts'
import { InputError } from '../errors.ts'
import type { Fault } from '../fault/fault.ts'
import type { Machine } from '../lab/machine/machine.ts'
import type { Faults } from './faults.ts'
import type { Moment } from './interruption.ts'
import type { Looks } from './looks.ts'
import type { Recovery } from './recovery.ts'
import { type RestoreSeries, restoreSeries } from './restore-series.ts'
import type { Scene } from './scene.ts'

/** The restores of images on nodes. */
export class Restores {
  readonly #scene: Scene
  readonly #recovery: Recovery
  readonly #faults: Faults
  readonly #looks: Looks
  #count = 0

  constructor(scene: Scene, recovery: Recovery, faults: Faults, looks: Looks) {
    this.#scene = scene
    this.#recovery = recovery
    this.#faults = faults
    this.#looks = looks
  }

  /** Restores every image on every node. */
  async make(images: readonly ImageRecord[], nodes: readonly Machine[]): Promise<RestoreSeries> {
    if (images.length === 0) throw new InputError('no such snapshot was backed up')
    const phase = this.#recovery.hasBegun ? 'restore' : 'baseline'
    return await restoreSeries(this.#scene, { phase, images, nodes, nextId: () => `r${++this.#count}` })
  }

  /** Restores after each of several faults, each of which is undone before the next. */
  async makeAfterEach(
    faults: readonly Fault[],
    images: readonly ImageRecord[],
    nodes: readonly Machine[],
  ): Promise<RestoreSeries> {
    for (const fault of faults) {
      await using _ = await this.#faults.inject(fault)
      await this.make(images, nodes)
    }
    return { series: this.#scene.drill.series, images, nodes: nodes.map(({ where }) => where) }
  }

  /**
   * For each moment: interrupts the recovery of nodes that nothing was done on, carries it out again from the start,
   * restores, and undoes the recovery.
   */
  async makeAfterInterruptions(
    moments: readonly Moment[],
    images: readonly ImageRecord[],
    nodes: readonly Machine[],
  ): Promise<RestoreSeries> {
    for (const moment of moments) {
      await this.#recovery.interrupt(nodes, moment)
      await this.#looks.fstab(nodes, moment)
      await this.#recovery.bind(nodes, { persist: true })
      await this.make(images, nodes)
      await this.#looks.fstab(nodes)
      await this.#recovery.undo(nodes)
    }
    return { series: this.#scene.drill.series, images, nodes: nodes.map(({ where }) => where) }
  }
}
