import type { Machine } from '../lab/machine/machine.ts'
import { onAll } from './on-all.ts'

/** The power of nodes. */
export class Nodes {
  /** Shuts nodes down in order, and boots them. */
  async reboot(nodes: readonly Machine[]): Promise<void> {
    await onAll(nodes, (node) => node.reboot())
  }

  /** Cuts the power of nodes without a warning, and boots them. */
  async cutPower(nodes: readonly Machine[]): Promise<void> {
    await onAll(nodes, (node) => node.powerCut())
    await onAll(nodes, (node) => node.start())
  }
}
