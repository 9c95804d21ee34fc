import { setTimeout as delay } from 'node:timers/promises'
import type { StateStore } from '../store/state-store.ts'
import { isUnfinished } from './planned-restore.ts'
import { settleRestores } from './settle-restores.ts'

/** The number of restores that a compute reads at the same time. The others wait in the order in which they were requested. */
const maxRestoresOfCompute = 2

const pollMs = 200

/**
 * Waits until a restore is one of the first unfinished ones of its compute. One whose process is gone holds up no other.
 * @throws the reason of `signal`
 */
export async function waitForTurn(store: StateStore, id: string, signal: AbortSignal): Promise<void> {
  const compute = store.restores.find({ id })?.compute
  for (;;) {
    signal.throwIfAborted()
    const unfinished = store.restores.list({ compute }).filter(isUnfinished)
    if (unfinished.findIndex((row) => row.id === id) < maxRestoresOfCompute) return
    await delay(pollMs, undefined, { signal })
    await settleRestores(store)
  }
}
