import { InputError } from '../../errors.ts'
import { findDistribution } from '../../target/distribution.ts'
import { mountPathOf, type PathRule } from '../../target/mount-path.ts'
import { parseShare } from '../../target/share.ts'
import type { MountTable } from './mount-table.ts'
import type { SiteMounts } from './site-mounts.ts'

/** The description of a site. Its shares correspond to the targets in their order. */
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
  const { base, rule, name, user } = pathsOf(description)
  const shares = sharesOf(description, mounted)
  const mountPaths = new Map<string, readonly number[]>()
  const add = (path: string, target: number) => mountPaths.set(path, [...(mountPaths.get(path) ?? []), target])
  const paths = shares.map((share) => normalized(mountPathOf(base, parseShare(share), rule)))
  for (const [target, path] of paths.entries()) add(path, target)
  for (const { origin, share } of description.binds ?? []) {
    const target = shares.indexOf(share)
    if (target === -1)
      throw new InputError(`binds: ${JSON.stringify(share)} is not one of the shares ${shares.join(', ')}`)
    if (!origin.startsWith('/')) throw new InputError(`binds: not an absolute path: ${JSON.stringify(origin)}`)
    add(normalized(origin), target)
  }
  return { name: description.name ?? name, paths, mountPaths, ...(user && { owner: user }) }
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
    }
  }
  if (rule === undefined || base === undefined)
    throw new InputError('the mount paths of the site are unknown', {
      remedy: 'Pass --distribution and --version, or --base and --rule.',
    })
  return { base, rule, name: `a site with ${base}`, user: undefined }
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
