import { InputError } from '../errors.ts'
import type { MountPathWork } from '../fault/operator-mistake.ts'
import type { SitePlan } from '../lab/topology/site-plan.ts'
import { baseDirectories } from '../target/distribution.ts'
import { encodedPart } from '../target/mount-path.ts'
import type { Holdings } from './holdings.ts'

/**
 * Returns what an operator needs who prepares the nodes of a site for the backups of another one by hand.
 * @throws InputError unless all backups are under one mount path of that site
 */
export function handWorkOf(primary: SitePlan, site: SitePlan, holdings: Holdings): MountPathWork {
  const [pair, ...others] = holdings.originPairs(site)
  const mounted = primary.shares.find(({ mountPath }) => mountPath === pair?.origin)
  if (pair === undefined || mounted === undefined || others.length > 0)
    throw new InputError(`work by hand needs all backups under one mount path of site ${primary.name}`)
  return {
    ...pair,
    site: site.name,
    share: mounted.share.text,
    list: primary.shares.map(({ share }) => share.text).join(','),
    encoded: encodedPart(mounted.share, primary.pathRule),
    base: primary.baseDirectory,
    otherBase: baseDirectories.find((one) => one !== primary.baseDirectory) ?? '/mnt',
    localBase: site.baseDirectory,
    user: site.user,
  }
}
