/** `29 Nov 2026, 21:08:50 UTC`. A text that is not a time is returned as it is. */
export function timeText(at: string): string {
  const time = new Date(at)
  if (Number.isNaN(time.getTime())) return at
  const date = time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })
  return `${date}, ${at.slice(11, 19)} UTC`
}

/** `21:08:50.364`, the time of a day. */
export function clockText(at: string): string {
  return at.slice(11, 23)
}
