import { counted } from '../../../text/plural.ts'
import { originIn } from '../../action/origin-in.ts'
import type { NeededOrigin } from '../../images/origin-needs.ts'
import type { NodePlan, Refusal, SiteFacts, SiteScale, Strategy } from '../strategy.ts'
import { withoutStrangeBases } from './base-directories.ts'
import { planNode } from './plan-node.ts'

/** Binds each target to the origin paths that images name, on every node. Nothing is written to the targets. */
export const bindMount: Strategy = {
  name: 'bind-mount',
  summary: 'bind each origin path on every node',
  reason:
    'it writes nothing to the backups, takes seconds, and can be undone. Use rebase if nodes cannot be prepared and this site owns the replica from now on',
  plan: async ({ nodes, needs, targets, mountedBy, mountsOnDemand, check }, { persist, allowedBases }) => {
    const mixed = [...mixedUp(needs), ...nested(needs, targets)]
    const options = {
      persist,
      ...(mountedBy && { mountedBy }),
      ...(mountsOnDemand !== undefined && { mountsOnDemand }),
    }
    const plans = nodes.map((state) => withoutStrangeBases(planNode(state, options), targets, allowedBases))
    if (mixed.length === 0) return { nodes: await Promise.all(plans.map((plan) => tried(plan, check))) }
    return { nodes: plans.map((plan) => ({ ...plan, actions: [], refusals: [...plan.refusals, ...mixed] })) }
  },
  tradeOffs: ({ nodes, persist }: SiteScale) => {
    const lasts = persist ? '' : ' It lasts until the next reboot, unless --persist is given.'
    return `prepares ${counted(nodes, 'node')} in seconds, and later each new node. Writes nothing to the targets.${lasts}`
  },
}

/** The plan without the origin paths for which an action would fail on the node. */
async function tried(plan: NodePlan, check: SiteFacts['check']): Promise<NodePlan> {
  if (plan.actions.length === 0) return plan
  const refused = await check(plan.where, plan.actions)
  if (refused.length === 0) return plan
  const out = new Set(refused.map(({ action }) => originIn(action)))
  const actions = plan.actions.filter((action) => !out.has(originIn(action)))
  const refusals = refused.map(({ action, why }): Refusal => {
    const origin = originIn(action)
    return { ...(origin !== undefined && { origin }), why, remedy }
  })
  return { ...plan, actions, refusals: [...plan.refusals, ...refusals] }
}

const remedy = 'Remove the cause on the node, and run the command again.'

/** A directory for it would be made on a share. */
function nested(needs: readonly NeededOrigin[], targets: readonly string[]): readonly Refusal[] {
  return needs.flatMap(({ origin, local }) => {
    const others = [...targets.filter((target) => target !== local), ...needs.map((need) => need.origin)]
    const outer = others.find((other) => origin.startsWith(`${other}/`))
    if (outer === undefined) return []
    const why = `${origin} is below ${outer}: its directory would be made on the share there`
    return [{ origin, why, remedy: 'Use --strategy rebase.', isLasting: true }]
  })
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
