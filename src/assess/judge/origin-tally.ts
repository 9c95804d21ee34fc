import { isBaseDirectory } from '../../target/distribution.ts'
import { decodeMountPath, type MountPathReading, nameOfReading, shareWithNewline } from '../../target/origin.ts'
import { type SiteMounts, targetsAt } from '../site/site-mounts.ts'
import type { TargetFinding } from './target-finding.ts'
import type { ImageVerdict } from './verdict.ts'

/** An origin path in the names of parents. */
export interface OriginPath {
  readonly path: string
  /** The share or bucket that it was the mount path of, `*:` for any server. Undefined if it is not a mount path of the product. */
  readonly share?: string
  readonly rule?: MountPathReading['rule']
  /** Other shares that it may have been the mount path of: in a nested one the end of the base directory is ambiguous. */
  readonly alternatives?: readonly string[]
  /** Set for a base directory without an encoded share. */
  readonly isBase?: true
  /** The share that was encoded with a trailing newline. */
  readonly withNewline?: string
  /** Something else that the site has mounted there. Undefined if nothing is, or a target. */
  readonly taken?: string
  /** The targets that it must show, by index, and how many images need each. */
  readonly targets: readonly { readonly target: number; readonly images: number; readonly isHere: boolean }[]
}

/** Counts the images that need each origin path. */
export class OriginTally {
  readonly #site: SiteMounts
  readonly #needed = new Map<string, Map<number, number>>()
  readonly #present = new Map<string, number>()

  constructor(site: SiteMounts) {
    this.#site = site
  }

  add({ needs, originPaths, isThere }: ImageVerdict): void {
    if (!isThere) return
    for (const { originPath, target } of needs) {
      const targets = this.#needed.get(originPath) ?? new Map<number, number>()
      this.#needed.set(originPath, targets.set(target, (targets.get(target) ?? 0) + 1))
    }
    for (const path of originPaths)
      if (targetsAt(this.#site, path) !== undefined) this.#present.set(path, (this.#present.get(path) ?? 0) + 1)
  }

  /** The origin paths that most images need first. */
  list(): readonly OriginPath[] {
    const needed = [...this.#needed].map(([path, targets]) => ({
      path,
      ...takenBy(this.#site.otherAt?.(path)),
      targets: [...targets].map(([target, images]) => ({ target, images, isHere: false })),
    }))
    const present = [...this.#present].map(([path, images]) => ({
      path,
      targets: (targetsAt(this.#site, path) ?? []).map((target) => ({ target, images, isHere: true })),
    }))
    const total = ({ targets }: Pick<OriginPath, 'targets'>) => targets.reduce((sum, { images }) => sum + images, 0)
    return [...needed, ...present]
      .map((one) => ({ ...readingOf(one.path), ...one }))
      .sort((a, b) => total(b) - total(a))
  }

  /** Reports origin paths that cannot be provided as the site is. */
  findings(): readonly TargetFinding[] {
    return [...this.#taken(), ...this.#collisions()]
  }

  #taken(): readonly TargetFinding[] {
    const { name, otherAt } = this.#site
    return [...this.#needed.keys()].flatMap((originPath) => {
      const other = otherAt?.(originPath)
      const message = `${name} has ${other} mounted there, which is not one of the targets`
      return other === undefined ? [] : { code: 'origin-path-taken' as const, where: originPath, message }
    })
  }

  #collisions(): readonly TargetFinding[] {
    return [...this.#needed].flatMap(([originPath, targets]) =>
      targets.size < 2
        ? []
        : {
            code: 'two-shares-on-one-mount-path' as const,
            where: originPath,
            message: `images of ${targets.size} targets have this origin path, but it can show only one at a time`,
          },
    )
  }
}

const takenBy = (other: string | undefined): Pick<OriginPath, 'taken'> => (other === undefined ? {} : { taken: other })

function readingOf(path: string): Pick<OriginPath, 'share' | 'rule' | 'alternatives' | 'isBase' | 'withNewline'> {
  const [likeliest, ...others] = decodeMountPath(path)?.candidates ?? []
  if (likeliest === undefined && isBaseDirectory(path)) return { isBase: true }
  if (likeliest === undefined) {
    const withNewline = shareWithNewline(path)
    return withNewline === undefined ? {} : { withNewline }
  }
  const alternatives = others.map(nameOfReading)
  return { rule: likeliest.rule, share: nameOfReading(likeliest), ...(alternatives.length > 0 && { alternatives }) }
}
