import { decodeMountPath } from '../target/origin.ts'
import type { Finding } from './finding.ts'
import type { Site } from './site.ts'
import type { ImageVerdict } from './verdict.ts'

/** An origin path that names of parents begin with. */
export interface OriginPath {
  readonly path: string
  /** What it must have been the mount path of: a share, or an export of any server. Left out: it is none that is known. */
  readonly share?: string
  readonly rule?: 'share' | 'export'
  /** The targets that it has to show, by index, and how many images hang on each. */
  readonly targets: readonly { readonly target: number; readonly images: number; readonly isHere: boolean }[]
}

/** Which origin paths are needed, and how many images hang on each. */
export class OriginTally {
  readonly #site: Site
  readonly #needed = new Map<string, Map<number, number>>()
  readonly #present = new Map<string, number>()

  constructor(site: Site) {
    this.#site = site
  }

  add({ needs, originPaths, isThere }: ImageVerdict): void {
    if (!isThere) return
    for (const { originPath, target } of needs) {
      const targets = this.#needed.get(originPath) ?? new Map<number, number>()
      this.#needed.set(originPath, targets.set(target, (targets.get(target) ?? 0) + 1))
    }
    for (const path of originPaths)
      if (this.#site.mountPaths.has(path)) this.#present.set(path, (this.#present.get(path) ?? 0) + 1)
  }

  /** Those on which most hang first. */
  list(): readonly OriginPath[] {
    const needed = [...this.#needed].map(([path, targets]) => ({
      path,
      targets: [...targets].map(([target, images]) => ({ target, images, isHere: false })),
    }))
    const present = [...this.#present].map(([path, images]) => ({
      path,
      targets: (this.#site.mountPaths.get(path) ?? []).map((target) => ({ target, images, isHere: true })),
    }))
    const total = ({ targets }: Pick<OriginPath, 'targets'>) => targets.reduce((sum, { images }) => sum + images, 0)
    return [...needed, ...present]
      .map((one) => ({ ...readingOf(one.path), ...one }))
      .sort((a, b) => total(b) - total(a))
  }

  /** One path cannot show two shares at once. */
  findings(): readonly Finding[] {
    return [...this.#needed].flatMap(([originPath, targets]) =>
      targets.size < 2
        ? []
        : {
            code: 'two-shares-on-one-mount-path' as const,
            where: originPath,
            message: `images of ${targets.size} targets have this origin path, and it can show only one of them at a time`,
          },
    )
  }
}

function readingOf(path: string): Pick<OriginPath, 'share' | 'rule'> {
  const reading = decodeMountPath(path)?.candidates[0]
  if (reading === undefined) return {}
  return reading.rule === 'share'
    ? { rule: 'share', share: reading.share.text }
    : { rule: 'export', share: `*:${reading.export}` }
}
