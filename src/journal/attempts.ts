import type { JournalEntry } from './journal.ts'

interface Attempt {
  readonly drill: string
  /** 1, 2, 3 … */
  readonly attempt: number
  /** True if it could not be judged, or never ended. */
  isUnknown: boolean
}

/** The attempts of each scenario, by its location, in their order. */
function attemptsByLocation(entries: readonly JournalEntry[]): ReadonlyMap<string, readonly Attempt[]> {
  const byLocation = new Map<string, Attempt[]>()
  const byDrill = new Map<string, Attempt>()
  for (const entry of entries) {
    const { drill } = entry
    if (drill === undefined) continue
    if (entry.kind === 'drill-started') {
      const attempt = { drill, attempt: entry.attempt ?? 1, isUnknown: true }
      byDrill.set(drill, attempt)
      const own = byLocation.get(entry.location)
      if (own === undefined) byLocation.set(entry.location, [attempt])
      else own.push(attempt)
    }
    const ended = byDrill.get(drill)
    if (entry.kind === 'drill-ended' && ended !== undefined) ended.isUnknown = entry.outcome === 'unknown'
  }
  return byLocation
}

/** Returns the ids of drills that could not be judged, and whose scenario was tried again later. A failure never is. */
export function retriedDrills(entries: readonly JournalEntry[]): ReadonlySet<string> {
  const retried = [...attemptsByLocation(entries).values()].flatMap((attempts) =>
    attempts.filter((one) => one.isUnknown && attempts.some(({ attempt }) => attempt > one.attempt)),
  )
  return new Set(retried.map(({ drill }) => drill))
}

/** Returns the locations of scenarios whose last attempt could not be judged. */
export function unknownScenarios(entries: readonly JournalEntry[]): readonly string[] {
  return [...attemptsByLocation(entries)].flatMap(([location, attempts]) =>
    attempts.at(-1)?.isUnknown === true ? [location] : [],
  )
}
