import type { User } from '../../shell/shell.ts'
import { whyNotPlain } from '../action/paths.ts'
import { type FormatCounts, tooOldFor } from '../node/qemu-version.ts'
import { rebase } from '../strategy/rebase.ts'
import { planRebase, type RebasePlan } from '../strategy/renames.ts'
import type { ImageOnTarget } from './images.ts'
import { type Need, parentPlaces } from './needs.ts'
import type { Secrets } from './secrets.ts'
import type { Member } from './team.ts'

/** The other names that images need, by what they hold alone: nothing is asked of a node. */
export function planRenames(
  images: readonly ImageOnTarget[],
  needs: readonly Need[],
  targets: readonly string[],
  secrets: Secrets = new Map(),
): RebasePlan {
  const placeOf = parentPlaces(images)
  const byNeed = Map.groupBy(images, (image) => {
    const { origin, home } = placeOf(image) ?? {}
    return home === undefined ? undefined : `${targets[home]} ${origin}`
  })
  const plans = needs.map((need): RebasePlan => {
    const odd = whyNotPlain(need.origin)
    if (odd !== undefined) return { renames: [], refused: [{ path: need.origin, why: odd }] }
    const refused: { path: string; why: string }[] = []
    const named = (byNeed.get(`${need.local} ${need.origin}`) ?? []).flatMap((image) => {
      const { parent: backing = '', isEncrypted, secretId } = image
      const path = `${targets[image.target]}/${image.path}`
      if (isEncrypted !== true) return [{ path, backing }]
      if (secretId !== undefined && secrets.has(secretId)) return [{ path, backing, secretId }]
      const which = secretId === undefined ? 'its secret, which nothing names,' : `its secret ${secretId}`
      refused.push({ path, why: `it is encrypted, and ${which} is not at hand (--secrets)` })
      return []
    })
    const planned = planRebase(named, need)
    return { renames: planned.renames, refused: [...refused, ...planned.refused] }
  })
  return { renames: plans.flatMap(({ renames }) => renames), refused: plans.flatMap(({ refused }) => refused) }
}

/**
 * What of it the node can do that is to do it: whether it has the program, and one that opens all, whether each image may
 * be written to, and has room for its new name. Changes nothing.
 */
export async function checkRenames(
  { where, shell }: Member,
  plan: RebasePlan,
  {
    qemuImg,
    formats,
    ...options
  }: { user: User; qemuImg: string; formats: FormatCounts; secrets?: Secrets; signal: AbortSignal },
): Promise<RebasePlan> {
  if (plan.renames.length === 0) return plan
  const [lacks] = qemuImg === '' ? ['there is no qemu-img'] : tooOldFor(qemuImg, formats)
  if (lacks !== undefined) return { renames: [], refused: [...plan.refused, { path: where, why: lacks }] }
  const outcomes = await rebase(shell, plan.renames, { ...options, concurrency: 1, isOnlyChecked: true })
  const bad = new Map(
    outcomes.flatMap(({ path, state, why = state }) =>
      state === 'refused' || state === 'failed' ? [[path, why]] : [],
    ),
  )
  return {
    renames: plan.renames.filter(({ path }) => !bad.has(path)),
    refused: [...plan.refused, ...[...bad].map(([path, why]) => ({ path, why }))],
  }
}
