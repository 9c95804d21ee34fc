import type { Strategy, StrategyPlan } from '../strategy/strategy.ts'

/** The strategy that a site should use, and why. */
export interface Recommendation {
  readonly strategy: string
  readonly why: string
}

/**
 * Recommends the first of some strategies, unless something lasting prevents it, and another one can do it all.
 * @param planOf returns the plan that a strategy makes for the site
 */
export async function recommend(
  [preferred, ...others]: readonly [Strategy, ...Strategy[]],
  planOf: (strategy: Strategy) => Promise<StrategyPlan>,
): Promise<Recommendation> {
  const refusals = (await planOf(preferred)).nodes.flatMap((node) => node.refusals)
  const lasting = refusals.find(({ isLasting }) => isLasting === true)
  if (lasting === undefined) return { strategy: preferred.name, why: preferred.reason }
  for (const other of others) {
    const { nodes } = await planOf(other)
    if (nodes.every((node) => node.refusals.length === 0)) return { strategy: other.name, why: lasting.why }
  }
  return { strategy: preferred.name, why: `every other strategy is refused too. Fix this first: ${lasting.why}` }
}
