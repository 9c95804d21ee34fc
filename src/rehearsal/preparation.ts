import type { Drill } from '../drill/drill.ts'
import type { Machine } from '../lab/machine/machine.ts'
import type { Action } from '../recovery/action/actions.ts'
import { type AppliedAction, apply } from '../recovery/action/apply.ts'
import { undo } from '../recovery/action/undo.ts'
import { onAll } from './on-all.ts'

/** Told of each action before and after; what it throws stops the actions there. */
export type ActionWatcher = (action: Action, outcome: 'begun' | 'done') => void

/** What is done to nodes so that origin paths lead to the data, recorded, and taken back when asked. */
export class Preparation {
  readonly #drill: Drill
  readonly #begun = new Map<Machine, AppliedAction[]>()

  constructor(drill: Drill) {
    this.#drill = drill
  }

  /** Whether anything was done on any node, taken back or not. */
  get hasBegun(): boolean {
    return this.#begun.size > 0
  }

  async carryOut(
    nodes: readonly Machine[],
    actionsOn: (node: Machine) => readonly Action[],
    watch: ActionWatcher = () => {},
  ): Promise<void> {
    const planned = new Map(nodes.map((node) => [node, actionsOn(node)]))
    await this.#drill.during('recover', () =>
      onAll(nodes, async (node) => {
        const begun = this.#begun.get(node) ?? []
        this.#begun.set(node, begun)
        await apply(node.shell, planned.get(node) ?? [], (applied, outcome) => {
          if (outcome === 'begun') begun.push(applied)
          const { where, action, before, inverse } = applied
          this.#drill.journal.append({ kind: 'action', where, action: { ...action, before, inverse }, outcome })
          watch(action, outcome)
        })
      }),
    )
  }

  /** What an operator does on the nodes, without us: it is not taken back. */
  async byHand(nodes: readonly Machine[], act: (node: Machine) => Promise<unknown>): Promise<void> {
    for (const node of nodes) if (!this.#begun.has(node)) this.#begun.set(node, [])
    await this.#drill.during('recover', () => onAll(nodes, act))
  }

  /** Takes back all that was done on the nodes, the last first. */
  async takeBack(nodes: readonly Machine[]): Promise<void> {
    await this.#drill.during('recover', () =>
      onAll(nodes, async (node) => {
        const begun = this.#begun.get(node) ?? []
        this.#begun.set(node, [])
        await undo(node.shell, begun)
        for (const { where, inverse } of begun.toReversed())
          this.#drill.journal.append({ kind: 'action', where, action: inverse, outcome: 'done' })
      }),
    )
  }
}
