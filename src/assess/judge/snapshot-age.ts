/** Clocks of sites differ by so much without anybody's noticing. */
const clockSkewMs = 5 * 60_000

/** Milliseconds since 1970. The product writes times without a zone, and means UTC. */
export function momentOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text)
  const ms = Date.parse(hasZone ? text : `${text.trim().replace(' ', 'T')}Z`)
  return Number.isNaN(ms) ? undefined : ms
}

export function isInFuture(takenMs: number | undefined, nowMs: number): boolean {
  return takenMs !== undefined && takenMs > nowMs + clockSkewMs
}

/** In milliseconds. What was taken after now is of no age that anybody knows. */
export function ageOf(takenMs: number | undefined, nowMs: number): number | undefined {
  return takenMs === undefined || isInFuture(takenMs, nowMs) ? undefined : Math.max(0, nowMs - takenMs)
}
