import type { MountPathWork } from '../fault/operator-mistake.ts'
import type { Machine } from '../lab/machine/machine.ts'
import { RefusalError } from '../recovery/action/apply.ts'
import type { Action } from '../recovery/action/kinds.ts'
import { bindActions } from '../recovery/strategy/bind-mount/bind-actions.ts'
import { defineObservation } from '../verdict/observation/define-observation.ts'
import { isText } from '../verdict/observation/facts.ts'
import type { HandWork } from './by-hand.ts'
import type { PairChoice } from './holdings.ts'
import { interrupt, type Moment } from './interruption.ts'
import { handWorkOf } from './operator.ts'
import { Preparation } from './preparation.ts'
import { Rebasing } from './rebasing.ts'
import type { Scene } from './scene.ts'

/** Why a bind was refused; `none` if it was not. */
export const refusal = defineObservation('the refusal of the bind', isText)

export interface BindChoice extends Partial<PairChoice> {
  /** True to keep the bind in fstab. */
  readonly persist?: boolean
}

/** The recovery of nodes: as documented, interrupted, or by an operator's hand. */
export class Recovery {
  readonly #scene: Scene
  readonly #preparation: Preparation
  readonly #rebasing: Rebasing

  constructor(scene: Scene) {
    this.#scene = scene
    this.#preparation = new Preparation(scene.drill)
    this.#rebasing = new Rebasing(scene.drill, scene.holdings)
  }

  /** True if anything was done on any node, even if it was undone. */
  get hasBegun(): boolean {
    return this.#preparation.hasBegun || this.#rebasing.hasBegun
  }

  /** What an operator needs who prepares the nodes of the site by hand. */
  get handWork(): MountPathWork {
    return handWorkOf(this.#scene.primary.plan, this.#scene.site.plan, this.#scene.holdings)
  }

  /**
   * Carries out the documented recovery on nodes: the directory, the bind and, if asked, the line in fstab. Does so for
   * each origin path, or for the one that is named, with the share of the same data, or with the one that is named.
   */
  async bind(nodes: readonly Machine[], choice: BindChoice = {}): Promise<void> {
    await this.#preparation.carryOut(nodes, (node) => this.#actionsOn(node, choice))
  }

  /** Binds as `bind` does where it is expected to be refused, and records why. */
  async tryToBind(nodes: readonly Machine[]): Promise<void> {
    for (const node of nodes) {
      const why = await this.bind([node]).catch((error: unknown) => {
        if (error instanceof RefusalError) return error.why
        throw error
      })
      refusal.record(this.#scene.drill.journal, node.where, why ?? 'none')
    }
  }

  /** Undoes all actions on nodes, the last one first. */
  async undo(nodes: readonly Machine[]): Promise<void> {
    await this.#preparation.undo(nodes)
  }

  /** Renames the parents in all images by one node, so that they exist on all nodes of its site. */
  async rebase(node: Machine): Promise<void> {
    await this.#rebasing.carryOut(node, this.#scene.siteOf(node).plan)
  }

  /** Restores the names that this node has changed. */
  async undoRebase(node: Machine): Promise<void> {
    await this.#rebasing.undo(node)
  }

  /** Carries out a recovery with fstab on one node after another, and takes each down in the middle of it. */
  async interrupt(nodes: readonly Machine[], moment: Moment): Promise<void> {
    for (const node of nodes) {
      const proof = await interrupt(node, moment, (watch) =>
        this.#preparation.carryOut([node], () => this.#actionsOn(node, { persist: true }), watch),
      )
      const subject = `${node.where} ${moment.text}`
      this.#scene.drill.journal.append({ kind: 'fault', fault: 'interrupted recovery', subject, proof })
    }
  }

  /** Lets an operator work on each origin path of nodes by hand. */
  async byHand(nodes: readonly Machine[], work: HandWork): Promise<void> {
    await this.asOperator(nodes, async (node) => {
      const { plan } = this.#scene.siteOf(node)
      for (const pair of this.#scene.holdings.originPairs(plan)) await work(node, pair, plan)
    })
  }

  /** Lets an operator do anything on nodes. It is not undone. */
  async asOperator(nodes: readonly Machine[], act: (node: Machine) => Promise<unknown>): Promise<void> {
    await this.#preparation.byHand(nodes, act)
  }

  #actionsOn(node: Machine, { persist = false, ...choice }: BindChoice): readonly Action[] {
    const pairs = this.#scene.holdings.originPairs(this.#scene.siteOf(node).plan, choice)
    return pairs.flatMap((pair) => bindActions({ ...pair, persist }))
  }
}
