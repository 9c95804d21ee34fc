/** A site, as far as it matters for opening images by the names in them. */
export interface SiteMounts {
  /** e.g. `this host`, `kolla 4.3`. */
  readonly name: string
  /** Where it mounts each target. Undefined for this host: it has them where they are read. */
  readonly paths?: readonly string[]
  /** Its mount paths, normalized, and the targets that each shows, by their index. More than one: they collide. */
  readonly mountPaths: ReadonlyMap<string, readonly number[]>
  /** Where a path leads on it, by its symbolic links. Left out: they are not known. */
  readonly follow?: (path: string) => string
  /** What is mounted at a path there, if that is known, and it is none of the targets. */
  readonly otherAt?: (path: string) => string | undefined
  /** Whom images must belong to, where that is known. */
  readonly owner?: { readonly uid: number; readonly gid: number }
}

/** An origin path that has to exist, and what it has to show. */
export interface OriginNeed {
  readonly originPath: string
  /** The target's index. */
  readonly target: number
}

/** What a site makes of an origin path, for an image that a target has. */
export type Shown =
  | { readonly kind: 'here' }
  | { readonly kind: 'needed'; readonly need: OriginNeed }
  | { readonly kind: 'taken'; readonly code: 'two-shares-on-one-mount-path'; readonly why: string }

/** The targets that an origin path shows. */
export function targetsAt({ mountPaths, follow }: SiteMounts, originPath: string): readonly number[] | undefined {
  return mountPaths.get(originPath) ?? (follow && mountPaths.get(follow(originPath)))
}

/** Whether the origin path leads to this target on this site. */
export function shownAt(site: SiteMounts, originPath: string, target: number): Shown {
  const targets = targetsAt(site, originPath)
  if (targets === undefined) return { kind: 'needed', need: { originPath, target } }
  if (targets.length === 1 && targets[0] === target) return { kind: 'here' }
  const code = 'two-shares-on-one-mount-path'
  return targets.includes(target)
    ? { kind: 'taken', code, why: `${site.name} has several shares at ${originPath}: it shows only one of them` }
    : { kind: 'taken', code, why: `${site.name} has another share at ${originPath} than the one with the parent` }
}
