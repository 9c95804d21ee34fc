/** How much the clocks of two sites may differ. */
const clockSkewMs = 5 * 60_000

/** Milliseconds since 1970. The product writes UTC without a zone. */
export function momentOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text)
  const ms = Date.parse(hasZone ? text : `${text.trim().replace(' ', 'T')}Z`)
  return Number.isNaN(ms) ? undefined : ms
}

export function isInFuture(takenMs: number | undefined, nowMs: number): boolean {
  return takenMs !== undefined && takenMs > nowMs + clockSkewMs
}

/** In milliseconds. Undefined for a snapshot without a date, or with one in the future. */
export function ageOf(takenMs: number | undefined, nowMs: number): number | undefined {
  return takenMs === undefined || isInFuture(takenMs, nowMs) ? undefined : Math.max(0, nowMs - takenMs)
}
