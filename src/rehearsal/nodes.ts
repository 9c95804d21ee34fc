import type { Journal } from '../journal/journal.ts'
import type { Machine } from '../lab/machine/machine.ts'
import { nodePower } from '../verdict/observation/node-facts.ts'
import { onAll } from './on-all.ts'

/** The power of nodes. */
export class Nodes {
  readonly #journal: Journal

  constructor(journal: Journal) {
    this.#journal = journal
  }

  /** Shuts nodes down in order, and boots them. */
  async reboot(nodes: readonly Machine[]): Promise<void> {
    await onAll(nodes, async (node) => {
      await node.reboot()
      nodePower.record(this.#journal, node.where, 'rebooted')
    })
  }

  /** Cuts the power of nodes without a warning, and boots them. */
  async cutPower(nodes: readonly Machine[]): Promise<void> {
    await onAll(nodes, (node) => node.powerCut())
    await onAll(nodes, async (node) => {
      await node.start()
      nodePower.record(this.#journal, node.where, 'cut, and switched on again')
    })
  }
}
