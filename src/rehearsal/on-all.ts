import { InputError } from '../errors.ts'
import type { Machine } from '../lab/machine/machine.ts'

/** On all nodes at once. One node's failure leaves the others to finish; then the first one is thrown. */
export async function onAll<T>(nodes: readonly Machine[], act: (node: Machine) => Promise<T>): Promise<readonly T[]> {
  if (nodes.length === 0) throw new InputError('there is no such node')
  const outcomes = await Promise.allSettled(nodes.map(act))
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  })
}
