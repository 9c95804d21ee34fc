import type { ContentResult } from '../assess/judge/content-port.ts'
import type { DiskReading } from './disk-reading.ts'

/** Readings of disks, by their keys. Two that differ make a disk unknown, on any host and at any time. */
export class Readings {
  readonly #all = new Map<string, readonly DiskReading[]>()

  add(reading: DiskReading): void {
    const known = this.of(reading.key)
    const same = known.findIndex((one) => isSame(one.result, reading.result))
    // The newest of equal ones counts.
    if (same === -1) this.#all.set(reading.key, [...known, reading])
    else if ((known[same]?.date ?? '') < reading.date) this.#all.set(reading.key, known.with(same, reading))
  }

  /** The readings of a disk with different results. */
  of(key: string): readonly DiskReading[] {
    return this.#all.get(key) ?? []
  }

  /**
   * True if a disk needs no further reading: its content was read, or its readings differ.
   * @param since readings before this date, in ISO 8601, do not count
   * @param tool readings of another version do not count
   */
  isSettled(key: string, since: string, tool: string): boolean {
    const conclusive = this.of(key).filter(isConclusive)
    const [one] = conclusive
    return conclusive.length > 1 || (one?.result.kind === 'read' && one.date >= since && one.tool === tool)
  }

  /** True if a reading counts, whatever its result. See `isSettled`. */
  isTried(key: string, since: string, tool: string): boolean {
    return this.of(key).some((one) => one.date >= since && one.tool === tool)
  }

  /** Returns what is known about the content of a disk. Undefined if it was never tried. */
  resultOf(key: string): ContentResult | undefined {
    const all = this.of(key)
    const [one, other] = all.filter(isConclusive)
    if (one === undefined) return all[0]?.result
    if (other === undefined) return one.result.kind === 'read' ? { ...one.result, date: one.date } : one.result
    const why = `two readings of the same files differ: ${textOf(one)}; ${textOf(other)}`
    return { kind: 'unknown', reason: 'unknown', why }
  }
}

/** True if a disk was read, or cannot be. */
const isConclusive = ({ result }: DiskReading): boolean => result.kind !== 'unknown'

const isSame = (one: ContentResult, other: ContentResult): boolean =>
  one.kind === 'read' && other.kind === 'read' ? one.digest === other.digest : one.kind === other.kind

const textOf = ({ result, date, host }: DiskReading): string =>
  `${result.kind === 'read' ? result.digest : `not readable (${result.why})`} on ${host} at ${date}`
