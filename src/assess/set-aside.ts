/** A workload whose chains go on in others. */
export interface Group {
  readonly workloadId: string
  /** All that are judged together: itself first. */
  readonly together: ReadonlySet<string>
}

/** A chain does not leave its workload, unless somebody wants it to. */
const maxTogether = 16
const maxSetAside = 1000
/** All of them are in memory at once. */
const maxReadAtOnce = 32

/** Workloads that are to be read again, together with those that their chains go on in: as many as possible in one scan. */
export class SetAside {
  #waiting: Group[] = []
  #count = 0

  get size(): number {
    return this.#waiting.length
  }

  /** Whether it was taken: there is an end to it. */
  add(workloadId: string, wanted: ReadonlySet<string>): boolean {
    if (this.#count === maxSetAside || wanted.size >= maxTogether) return false
    this.#count++
    this.#waiting.push({ workloadId, together: new Set([workloadId, ...wanted]) })
    return true
  }

  /** One that was taken waits again when it wants more than it was read with, which there is an end to as well. */
  extend({ workloadId, together }: Group, wanted: ReadonlySet<string>): boolean {
    const all = together.union(wanted)
    if (all.size === together.size || all.size > maxTogether) return false
    this.#waiting.push({ workloadId, together: all })
    return true
  }

  /** Those that are read in the next scan, at least one while there are any. */
  take(): readonly Group[] {
    const ids = new Set<string>()
    const fits = ({ together }: Group) => {
      for (const id of together) ids.add(id)
      return ids.size <= maxReadAtOnce
    }
    const end = this.#waiting.findIndex((group) => !fits(group))
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end)
  }
}
