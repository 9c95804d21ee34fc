import { commented } from '../action/script.ts'
import { unitPair } from '../action/units.ts'
import { whyNotFollowed } from '../strategy/planner.ts'
import type { RecoveryPlan } from './plan.ts'

/**
 * Units of systemd for shares that the product mounts itself, the same for every node; none for what no node could take,
 * and the reason in its place.
 */
export function planUnits({ needs, nodes }: RecoveryPlan): string {
  const files = needs.flatMap((need, index): readonly string[] => {
    const reasons = nodes.flatMap(({ where, state }) => {
      const pair = state.pairs.find(({ origin, local }) => origin.path === need.origin && local.path === need.local)
      const why = pair === undefined ? 'it was not looked at' : whyNotFollowed(pair)?.why
      return why === undefined ? [] : [`# refused: ${commented(`${where}: ${why}`)}\n`]
    })
    const isMixed = needs.some(({ origin, local }) => origin === need.origin && local !== need.local)
    if (isMixed) return [`# refused: ${commented(need.origin)} would have to show two targets\n`]
    if (nodes.length === 0) return [`# refused: ${commented(need.origin)}: no node could be looked at\n`]
    if (reasons.length > 0) return reasons
    return unitPair(need, index + 1).map(({ name, content }) => `# /etc/systemd/system/${name}\n${content}`)
  })
  return files.join('\n')
}
