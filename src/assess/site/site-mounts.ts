/** The mounts of a site, which determine where the names in images lead. */
export interface SiteMounts {
  /** e.g. `this host`, `kolla 4.3`. */
  readonly name: string
  /** Where it mounts each target. Undefined for this host: it has them where they are read. */
  readonly paths?: readonly string[]
  /** The targets that each mount path shows, by index. Paths are normalized. More than one target is a collision. */
  readonly mountPaths: ReadonlyMap<string, readonly number[]>
  /** Resolves symbolic links on the site. Undefined if they are unknown. */
  readonly follow?: (path: string) => string
  /** Returns what is mounted at a path, unless it is a target. Undefined if the mounts are unknown. */
  readonly otherAt?: (path: string) => string | undefined
  /** Mount paths that another program of the distribution computes differently. */
  readonly doubts?: readonly { readonly path: string; readonly why: string }[]
  /** The owner that images must have. Undefined if unknown. */
  readonly owner?: { readonly uid: number; readonly gid: number }
}

/** An origin path that the site lacks, and the target that it must show. */
export interface OriginNeed {
  readonly originPath: string
  /** The index of the target. */
  readonly target: number
}

/** Where an origin path leads on a site. */
export type Shown =
  | { readonly kind: 'here' }
  | { readonly kind: 'needed'; readonly need: OriginNeed }
  | { readonly kind: 'taken'; readonly code: 'two-shares-on-one-mount-path'; readonly why: string }

/** The targets that an origin path shows. */
export function targetsAt({ mountPaths, follow }: SiteMounts, originPath: string): readonly number[] | undefined {
  return mountPaths.get(originPath) ?? (follow && mountPaths.get(follow(originPath)))
}

/** Where an origin path leads, for an image on a target. */
export function shownAt(site: SiteMounts, originPath: string, target: number): Shown {
  const targets = targetsAt(site, originPath)
  if (targets === undefined) return { kind: 'needed', need: { originPath, target } }
  if (targets.length === 1 && targets[0] === target) return { kind: 'here' }
  const code = 'two-shares-on-one-mount-path'
  return targets.includes(target)
    ? { kind: 'taken', code, why: `${site.name} has several shares at ${originPath}, which shows only one` }
    : { kind: 'taken', code, why: `${site.name} has another share at ${originPath}, without the parent` }
}
