import type { Refusal } from '../strategy/planner.ts'
import type { Need } from './needs.ts'

/** Which strategy a site should take, and why. */
export interface Recommendation {
  readonly strategy: 'bind-mount' | 'rebase'
  readonly why: string
}

/** @param unrenamable how many images could not be given another name */
export function recommend(
  needs: readonly Need[],
  refusals: readonly Refusal[],
  unrenamable: number,
): Recommendation | undefined {
  if (needs.length === 0) return undefined
  const lasting = refusals.find(({ isLasting }) => isLasting === true)
  if (lasting === undefined)
    return {
      strategy: 'bind-mount',
      why: 'nothing is written to the backups, it takes seconds, and it can be taken back; rebase where nodes cannot be prepared and the replica is this site’s own from now on',
    }
  if (unrenamable > 0)
    return {
      strategy: 'bind-mount',
      why: `${unrenamable} images cannot be given other names; but see to this first: ${lasting.why}`,
    }
  return { strategy: 'rebase', why: lasting.why }
}
