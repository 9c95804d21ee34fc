import type { Drill } from '../drill/drill.ts'
import type { Machine } from '../lab/machine/machine.ts'
import type { SitePlan } from '../lab/topology/site-plan.ts'
import type { Action } from '../recovery/action/actions.ts'
import { RefusalError } from '../recovery/action/apply.ts'
import { planBindMount } from '../recovery/strategy/plan.ts'
import { defineObservation } from '../verdict/observation/define-observation.ts'
import { isText } from '../verdict/observation/facts.ts'
import type { HandWork } from './by-hand.ts'
import type { Holdings, PairChoice } from './holdings.ts'
import { interrupt, type Moment } from './interruption.ts'
import { Preparation } from './preparation.ts'
import { Rebasing } from './rebasing.ts'

/** Why a bind was refused; `none` where it was not. */
export const refusal = defineObservation('why the bind is refused', isText)

export interface BindChoice extends Partial<PairChoice> {
  /** Whether it is kept in fstab. */
  readonly persist?: boolean
}

/** The recovery of nodes: as documented and planned, interrupted in the middle, or by an operator's hand. */
export class Recovery {
  readonly #drill: Drill
  readonly #holdings: Holdings
  readonly #planOf: (node: Machine) => SitePlan
  readonly #preparation: Preparation
  readonly #rebasing: Rebasing

  constructor(drill: Drill, holdings: Holdings, planOf: (node: Machine) => SitePlan) {
    this.#drill = drill
    this.#holdings = holdings
    this.#planOf = planOf
    this.#preparation = new Preparation(drill)
    this.#rebasing = new Rebasing(drill, holdings)
  }

  /** Whether anything was done on any node, taken back or not. */
  get hasBegun(): boolean {
    return this.#preparation.hasBegun || this.#rebasing.hasBegun
  }

  /**
   * Carries the documented recovery out on nodes: directory, bind and, when asked, the line in fstab. For each origin
   * path, or the one that is named; with what holds its data, or the share that is named.
   */
  async bind(nodes: readonly Machine[], choice: BindChoice = {}): Promise<void> {
    await this.#preparation.carryOut(nodes, (node) => this.#actionsOn(node, choice))
  }

  /** What `bind` comes to where it is refused: nothing is done, and why is recorded. */
  async tryToBind(nodes: readonly Machine[]): Promise<void> {
    for (const node of nodes) {
      const why = await this.bind([node]).catch((error: unknown) => {
        if (error instanceof RefusalError) return error.why
        throw error
      })
      refusal.record(this.#drill.journal, node.where, why ?? 'none')
    }
  }

  /** The names in the images are rewritten by this node, so that they hold on all nodes of its site. */
  async rebase(node: Machine): Promise<void> {
    await this.#rebasing.carryOut(node, this.#planOf(node))
  }

  /** The names that this node has rewritten are the old ones again. */
  async takeRebaseBack(node: Machine): Promise<void> {
    await this.#rebasing.takeBack(node, this.#planOf(node))
  }

  /** A recovery that is to last, in the middle of which its node goes down and comes up again, one after another. */
  async interrupt(nodes: readonly Machine[], moment: Moment): Promise<void> {
    for (const node of nodes) {
      const proof = await interrupt(node, moment, (watch) =>
        this.#preparation.carryOut([node], () => this.#actionsOn(node, { persist: true }), watch),
      )
      const subject = `${node.where} ${moment.text}`
      this.#drill.journal.append({ kind: 'fault', fault: 'interrupted recovery', subject, proof })
    }
  }

  /** An operator does something on nodes by hand, for each origin path. */
  async byHand(nodes: readonly Machine[], work: HandWork): Promise<void> {
    await this.#preparation.byHand(nodes, async (node) => {
      const plan = this.#planOf(node)
      for (const pair of this.#holdings.originPairs(plan)) await work(node, pair, plan)
    })
  }

  /** Whatever an operator does on nodes by other means; it is not taken back. */
  async asOperator(nodes: readonly Machine[], act: (node: Machine) => Promise<unknown>): Promise<void> {
    await this.#preparation.byHand(nodes, act)
  }

  /** Undoes what was done to nodes, the last first. */
  async takeBack(nodes: readonly Machine[]): Promise<void> {
    await this.#preparation.takeBack(nodes)
  }

  #actionsOn(node: Machine, { persist = false, ...choice }: BindChoice): readonly Action[] {
    const pairs = this.#holdings.originPairs(this.#planOf(node), choice)
    return pairs.flatMap((pair) => planBindMount({ ...pair, persist }))
  }
}
