import type { Drill } from '../drill/drill.ts'
import type { Machine } from '../lab/machine/machine.ts'
import { apply } from '../recovery/action/apply.ts'
import type { Action, AppliedAction } from '../recovery/action/kinds.ts'
import { undoActions } from '../recovery/action/undo-actions.ts'
import { onAll } from './on-all.ts'

/** Called with each action before and after it. An error that it throws stops the actions. */
export type ActionWatcher = (action: Action, outcome: 'begun' | 'done') => void

/** The actions on nodes that make origin paths lead to the data. They are recorded, and can be undone. */
export class Preparation {
  readonly #drill: Drill
  readonly #begun = new Map<Machine, AppliedAction[]>()

  constructor(drill: Drill) {
    this.#drill = drill
  }

  /** True if anything was done on any node, even if it was undone. */
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

  /** Runs the work of an operator, which is not undone. */
  async byHand(nodes: readonly Machine[], act: (node: Machine) => Promise<unknown>): Promise<void> {
    for (const node of nodes) if (!this.#begun.has(node)) this.#begun.set(node, [])
    await this.#drill.during('recover', () => onAll(nodes, act))
  }

  /** Undoes all actions on nodes, the last one first. */
  async undo(nodes: readonly Machine[]): Promise<void> {
    await this.#drill.during('recover', () =>
      onAll(nodes, async (node) => {
        const begun = this.#begun.get(node) ?? []
        this.#begun.set(node, [])
        await undoActions(node.shell, begun)
        for (const { where, inverse } of begun.toReversed())
          this.#drill.journal.append({ kind: 'action', where, action: inverse, outcome: 'done' })
      }),
    )
  }
}
