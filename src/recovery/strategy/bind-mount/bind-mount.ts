import { counted } from '../../../text/plural.ts'
import type { NeededOrigin } from '../../images/origin-needs.ts'
import type { Refusal, SiteScale, Strategy } from '../strategy.ts'
import { planNode } from './plan-node.ts'

/** Binds each target to the origin paths that images name, on every node. Nothing is written to the targets. */
export const bindMount: Strategy = {
  name: 'bind-mount',
  summary: 'bind each origin path on every node',
  reason:
    'it writes nothing to the backups, takes seconds, and can be undone. Use rebase if nodes cannot be prepared and this site owns the replica from now on',
  plan: async ({ nodes, needs, mountedBy, mountsOnDemand }, { persist }) => {
    const mixed = mixedUp(needs)
    const options = {
      persist,
      ...(mountedBy && { mountedBy }),
      ...(mountsOnDemand !== undefined && { mountsOnDemand }),
    }
    const plans = nodes.map((state) => planNode(state, options))
    if (mixed.length === 0) return { nodes: plans }
    return { nodes: plans.map((plan) => ({ ...plan, actions: [], refusals: [...plan.refusals, ...mixed] })) }
  },
  tradeOffs: ({ nodes, persist }: SiteScale) => {
    const lasts = persist ? '' : ' It lasts until the next reboot, unless --persist is given.'
    return `prepares ${counted(nodes, 'node')} in seconds, and later each new node. Writes nothing to the targets.${lasts}`
  },
}

/** One path cannot show two targets. */
function mixedUp(needs: readonly NeededOrigin[]): readonly Refusal[] {
  return needs.flatMap(({ origin, local }) => {
    const other = needs.find((need) => need.origin === origin && need.local !== local)
    if (other === undefined) return []
    const why = `${origin} would have to show both ${local} and ${other.local}`
    return [{ origin, why, remedy: 'Recover one target after the other, or use --strategy rebase.', isLasting: true }]
  })
}
