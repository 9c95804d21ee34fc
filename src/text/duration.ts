/** `0.4 s`, `12.3 s`, `3 min 05 s` */
export function duration(durationMs: number): string {
  if (durationMs < 59_950) return `${(durationMs / 1000).toFixed(1)} s`
  const wholeSeconds = Math.round(durationMs / 1000)
  return `${Math.floor(wholeSeconds / 60)} min ${String(wholeSeconds % 60).padStart(2, '0')} s`
}

/** As `duration`, and from two hours on `24 h`, `24 h 05 min`. */
export function longDuration(durationMs: number): string {
  if (durationMs < 2 * 3600_000) return duration(durationMs)
  const minutes = Math.round(durationMs / 60_000)
  const rest = minutes % 60 === 0 ? '' : ` ${String(minutes % 60).padStart(2, '0')} min`
  return `${Math.floor(minutes / 60)} h${rest}`
}

/** `25 min`, `10 h`, `3 d`, `3 d 4 h`. A moment in the future has the age 0. */
export function age(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000))
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h`
  return `${Math.floor(hours / 24)} d${hours % 24 === 0 ? '' : ` ${hours % 24} h`}`
}
