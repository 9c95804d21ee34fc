/** A workload whose chains continue in others. */
export interface Group {
  readonly workloadId: string
  /** The workloads that are judged together, itself first. */
  readonly together: ReadonlySet<string>
}

/** The product writes no chain that leaves its workload. These limits keep a hostile target from using much memory. */
const maxTogether = 16
const maxSetAside = 1000
/** All workloads of one scan are in memory at once. */
const maxReadAtOnce = 32

/** Workloads to read again with those that their chains continue in, as many as possible in one scan. */
export class SetAside {
  #waiting: Group[] = []
  #count = 0

  get size(): number {
    return this.#waiting.length
  }

  /** Returns false beyond a limit. */
  add(workloadId: string, wanted: ReadonlySet<string>): boolean {
    if (this.#count === maxSetAside || wanted.size >= maxTogether) return false
    this.#count++
    this.#waiting.push({ workloadId, together: new Set([workloadId, ...wanted]) })
    return true
  }

  /** Sets a workload aside again if it needs more workloads. Returns false if it does not, or beyond a limit. */
  extend({ workloadId, together }: Group, wanted: ReadonlySet<string>): boolean {
    const all = together.union(wanted)
    if (all.size === together.size || all.size > maxTogether) return false
    this.#waiting.push({ workloadId, together: all })
    return true
  }

  /** The workloads for the next scan, at least one if any are waiting. */
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
