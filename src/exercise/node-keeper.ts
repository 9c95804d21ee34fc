import { setTimeout as delay } from 'node:timers/promises'
import type { Machine } from '../lab/machine/machine.ts'
import { duration } from '../text/duration.ts'

export interface NodeKeeperEvents {
  /** A node has started again. `what` is the reason, and how long it was down. */
  readonly onRestart: (where: string, what: string) => void
  readonly onProblem: (text: string) => void
}

const maxSettleMs = 180_000

/** Restarts nodes, one cause at a time, and starts those again that participants shut down. */
export class NodeKeeper implements Disposable {
  readonly #events: NodeKeeperEvents
  readonly #busy = new Set<Machine>()
  #isOver = false

  constructor(nodes: readonly Machine[], events: NodeKeeperEvents) {
    this.#events = events
    for (const node of nodes) void this.#keepUp(node)
  }

  async cutPower(node: Machine): Promise<void> {
    await this.#restart(node, 'lost its power', async () => {
      await node.powerCut()
      await node.start()
    })
  }

  async reboot(node: Machine): Promise<void> {
    await this.#restart(node, 'was rebooted', () => node.reboot())
  }

  /** Waits until nodes that are being restarted are up, so that they can be judged. */
  async settle(): Promise<void> {
    const giveUpAtMs = performance.now() + maxSettleMs
    while (this.#busy.size > 0 && performance.now() < giveUpAtMs) await delay(100)
  }

  [Symbol.dispose](): void {
    this.#isOver = true
  }

  async #keepUp(node: Machine): Promise<void> {
    while (!this.#isOver) {
      await node.untilHalted()
      // What reboots a node starts it again.
      if (!this.#isOver && !this.#busy.has(node)) await this.#restart(node, 'was shut down', () => node.startAgain())
    }
  }

  async #restart(node: Machine, what: string, act: () => Promise<void>): Promise<void> {
    if (this.#busy.has(node)) return
    this.#busy.add(node)
    const startedMs = performance.now()
    try {
      await act()
      this.#events.onRestart(node.where, `it ${what}, and was down for ${duration(performance.now() - startedMs)}`)
    } catch (error) {
      this.#events.onProblem(`${node.where} ${what}: ${(error as Error).message.split('\n', 1)[0]}`)
    } finally {
      this.#busy.delete(node)
    }
  }
}
