import { InputError } from '../errors.ts'
import type { MountPathWork } from '../fault/operator-mistake.ts'
import type { SitePlan } from '../lab/topology/site-plan.ts'
import { baseDirectories } from '../target/distribution.ts'
import { encodedPart } from '../target/mount-path.ts'
import type { Holdings } from './holdings.ts'

/**
 * What an operator has at hand who prepares the nodes of a site by hand for the backups of another one.
 * @throws InputError unless these are all under one mount path of that site
 */
export function handWorkOf(primary: SitePlan, site: SitePlan, holdings: Holdings): MountPathWork {
  const [pair, ...others] = holdings.originPairs(site)
  const mounted = primary.shares.find(({ mountPath }) => mountPath === pair?.origin)
  if (pair === undefined || mounted === undefined || others.length > 0)
    throw new InputError(`by hand, one mount path of the site ${primary.name} is stood in for`)
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
