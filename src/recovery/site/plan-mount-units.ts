import { mountUnits } from '../action/mount-units.ts'
import { commented } from '../action/script-lines.ts'
import { strangeBase, strangeRefusal } from '../strategy/bind-mount/base-directories.ts'
import { whyNotFollowed } from '../strategy/bind-mount/bind-refusals.ts'
import type { RecoveryPlan } from './recovery-plan.ts'

/** Systemd units for shares that the product mounts on demand, the same for every node. A refused one is a comment with the reason. */
export function planMountUnits({ needs, nodes, targets }: RecoveryPlan, allowedBases: readonly string[] = []): string {
  const files = needs.flatMap((need, index): readonly string[] => {
    const refused = (why: string) => `# refused: ${commented(why)}\n`
    const isMixed = needs.some(({ origin, local }) => origin === need.origin && local !== need.local)
    if (isMixed) return [refused(`${need.origin} would have to show two targets`)]
    if (nodes.length === 0) return [refused(`${need.origin}: no node could be read`)]
    const reasons = nodes.flatMap(({ where, state }): readonly string[] => {
      const pair = state.pairs.find(({ origin, local }) => origin.path === need.origin && local.path === need.local)
      const why = pair === undefined ? 'it was not read' : whyNotFollowed(pair)?.why
      return why === undefined ? [] : [refused(`${where}: ${why}`)]
    })
    if (reasons.length > 0) return reasons
    const strange = strangeBase(need.origin, targets, allowedBases)
    if (strange !== undefined) return [refused(strangeRefusal(need.origin, strange).why)]
    return mountUnits(need, index + 1).map(({ name, content }) => `# /etc/systemd/system/${name}\n${content}`)
  })
  return files.join('\n')
}
