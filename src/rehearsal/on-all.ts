import { InputError } from '../errors.ts'
import type { Machine } from '../lab/machine/machine.ts'

/** Acts on all nodes at once. If some fail, the others finish first. @throws the first failure; InputError without nodes */
export async function onAll<T>(nodes: readonly Machine[], act: (node: Machine) => Promise<T>): Promise<readonly T[]> {
  if (nodes.length === 0) throw new InputError('the step names no node')
  const outcomes = await Promise.allSettled(nodes.map(act))
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  })
}
