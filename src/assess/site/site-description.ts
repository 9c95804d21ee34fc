import { InputError } from '../../errors.ts'
import { type Bucket, parseShareOrBucket, withoutPort } from '../../target/bucket.ts'
import { findDistribution } from '../../target/distribution.ts'
import { differingStartScriptPath, mountPathOf, type PathRule } from '../../target/mount-path.ts'
import type { Share } from '../../target/share.ts'
import type { MountTable } from './mount-table.ts'
import type { SiteMounts } from './site-mounts.ts'

/** The description of a site. Its shares, or S3 buckets, correspond to the targets in their order. */
export interface SiteDescription {
  readonly name?: string
  readonly distribution?: string
  readonly version?: string
  readonly rule?: PathRule
  readonly base?: string
  readonly shares?: readonly string[]
  /** Existing origin paths, and the share that each shows. */
  readonly binds?: readonly { readonly origin: string; readonly share: string }[]
}

/**
 * The site with this mount table. It has a target wherever the same folder of the same file system is visible.
 * @param targets absolute, without symbolic links
 * @param follow resolves symbolic links in a path
 */
export function siteOfMounts(
  table: MountTable,
  targets: readonly string[],
  follow: (path: string) => string = (path) => path,
): SiteMounts {
  const mountPaths = new Map<string, readonly number[]>()
  for (const [target, path] of targets.entries())
    for (const seenAt of table.pathsShowing(path)) mountPaths.set(seenAt, [...(mountPaths.get(seenAt) ?? []), target])
  const otherAt = (path: string) => (mountPaths.has(follow(path)) ? undefined : table.mountedAt(follow(path)))
  return { name: 'this host', mountPaths, follow, otherAt }
}

/**
 * Checks a description before the targets are read.
 * @throws InputError that names what is wrong
 */
export function checkDescription(description: SiteDescription, targets: number): void {
  pathsOf(description)
  const unknown = Array.from({ length: targets }, () => undefined)
  if (description.shares !== undefined) siteOfDescription(description, unknown)
}

/**
 * The site of a description.
 * @param mounted the share of each target on this host, if known; used if the description names no shares
 * @throws InputError that names what is missing
 */
export function siteOfDescription(description: SiteDescription, mounted: readonly (string | undefined)[]): SiteMounts {
  const { base, rule, name, user, distribution } = pathsOf(description)
  const shares = sharesOf(description, mounted)
  const mountPaths = new Map<string, readonly number[]>()
  const add = (path: string, target: number) => mountPaths.set(path, [...(mountPaths.get(path) ?? []), target])
  const mounts = shares.map((text) => parseShareOrBucket(text))
  const paths = mounts.map((mount) => normalized(mountPathOf(base, mount, rule)))
  const doubts = mounts.flatMap((mount, nth) => doubtAbout(mount, paths[nth] ?? '', base, distribution))
  for (const [target, path] of paths.entries()) add(path, target)
  for (const { origin, share } of description.binds ?? []) {
    const target = shares.indexOf(share)
    if (target === -1)
      throw new InputError(`binds: ${JSON.stringify(share)} is not one of the shares ${shares.join(', ')}`)
    if (!origin.startsWith('/')) throw new InputError(`binds: not an absolute path: ${JSON.stringify(origin)}`)
    add(normalized(origin), target)
  }
  return {
    name: description.name ?? name,
    paths,
    mountPaths,
    ...(doubts.length > 0 && { doubts }),
    ...(user && { owner: user }),
  }
}

/** Two programs of one distribution may compute different mount paths. */
function doubtAbout(
  mount: Share | Bucket,
  path: string,
  base: string,
  distribution: string | undefined,
): readonly { readonly path: string; readonly why: string }[] {
  if ('bucket' in mount) {
    const other = distribution === 'juju' ? withoutPort(mount) : undefined
    if (other === undefined) return []
    return [{ path, why: `the Juju action for ${mount.text} drops the port: ${mountPathOf(base, other, 'export')}` }]
  }
  const other = distribution === 'rhoso' ? differingStartScriptPath(base, mount) : undefined
  return other === undefined ? [] : [{ path, why: `the start script of RHOSO mounts ${mount.text} at ${other}` }]
}

function pathsOf({ distribution, version, rule, base }: SiteDescription) {
  if ((distribution === undefined) !== (version === undefined))
    throw new InputError('--distribution and --version require each other', {
      remedy: 'Pass both, e.g. --distribution kolla --version 4.3.',
    })
  if (base !== undefined && !base.startsWith('/'))
    throw new InputError(`the base directory must be absolute, not ${JSON.stringify(base)}`)
  if (distribution !== undefined && version !== undefined) {
    const known = findDistribution(distribution, version)
    return {
      base: base ?? known.baseDirectory,
      rule: rule ?? known.pathRule,
      name: `${distribution} ${version}`,
      user: known.user,
      distribution,
    }
  }
  if (rule === undefined || base === undefined)
    throw new InputError('the mount paths of the site are unknown', {
      remedy: 'Pass --distribution and --version, or --base and --rule.',
    })
  return { base, rule, name: `a site with ${base}`, user: undefined, distribution }
}

function sharesOf({ shares }: SiteDescription, mounted: readonly (string | undefined)[]): readonly string[] {
  if (shares === undefined) {
    const known = mounted.flatMap((share) => share ?? [])
    if (known.length === mounted.length) return known
    throw new InputError('the shares of the site are unknown', {
      remedy: 'Pass --share once for each PATH, in the same order.',
    })
  }
  if (shares.length !== mounted.length)
    throw new InputError(
      `the number of shares (${shares.length}) differs from the number of targets (${mounted.length})`,
      { remedy: 'Pass one share for each target, in the same order.' },
    )
  return shares
}

const normalized = (path: string): string =>
  `/${path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')}`
