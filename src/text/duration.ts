/** `0.4 s`, `12.3 s`, `3 min 05 s` */
export function duration(durationMs: number): string {
  if (durationMs < 59_950) return `${(durationMs / 1000).toFixed(1)} s`
  const wholeSeconds = Math.round(durationMs / 1000)
  return `${Math.floor(wholeSeconds / 60)} min ${String(wholeSeconds % 60).padStart(2, '0')} s`
}
