import type { FindingCode } from './target-finding.ts'
import { type ImageVerdict, needsOriginPath } from './verdict.ts'

/** A cause that keeps disks of snapshots from being restored. */
export interface Blocker {
  readonly code: FindingCode | 'origin-path-needed' | 'secret-needed'
  /** The link, by its path below the mount path; the origin path; or the id of the secret. */
  readonly where: string
  readonly why: string
  readonly target: number
  /** How many restores fail, or are unknown, because of it. */
  readonly restores: number
}

type Count = { -readonly [Key in keyof Blocker]: Blocker[Key] }

const kept = 200

/** Finds what blocks the most restores. A link is counted within its workload; then only the worst links are kept. */
export class Blockers {
  /** Origin paths and secrets. */
  readonly #site = new Map<string, Count>()
  #links: Blocker[] = []

  /** @param restores of a workload */
  addWorkload(restores: Iterable<ImageVerdict>): void {
    const links = new Map<string, Count>()
    for (const restore of restores) {
      const { defect, needs, state, secrets } = restore
      if (defect !== undefined) {
        const { code, why, target, path } = defect
        count(links, `${target} ${code} ${path}`, { code, why, target, where: path, restores: 0 })
      }
      if (state === 'with-secret')
        for (const id of secrets) {
          const why = 'its payload was not tried'
          count(this.#site, `secret ${id}`, {
            code: 'secret-needed',
            why,
            target: restore.target,
            where: id,
            restores: 0,
          })
        }
      if (!needsOriginPath(restore)) continue
      for (const { originPath, target } of needs) {
        const why = 'the site does not have the origin path'
        count(this.#site, `${target} ${originPath}`, {
          code: 'origin-path-needed',
          why,
          target,
          where: originPath,
          restores: 0,
        })
      }
    }
    for (const link of links.values()) this.#links.push(link)
    if (this.#links.length > 2 * kept) this.#links = byRestores(this.#links).slice(0, kept)
  }

  list(max: number): readonly Blocker[] {
    return byRestores([...this.#site.values(), ...this.#links]).slice(0, max)
  }
}

function count(map: Map<string, Count>, key: string, fresh: Count): void {
  const known = map.get(key) ?? fresh
  known.restores++
  map.set(key, known)
}

function byRestores(blockers: readonly Blocker[]): Blocker[] {
  return blockers.toSorted((a, b) => b.restores - a.restores)
}
