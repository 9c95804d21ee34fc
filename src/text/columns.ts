/** Lines with columns of even width. */
export function columns(rows: readonly (readonly string[])[], isRight: readonly boolean[] = []): readonly string[] {
  const widths: number[] = []
  for (const row of rows)
    for (const [nth, cell] of row.entries()) widths[nth] = Math.max(widths[nth] ?? 0, [...cell].length)
  return rows.map((row) =>
    row
      .map((cell, nth) => {
        const blanks = ' '.repeat((widths[nth] ?? 0) - [...cell].length)
        return isRight[nth] ? blanks + cell : cell + blanks
      })
      .join('  ')
      .trimEnd(),
  )
}

/** `10.4 MiB` */
export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  let value = count
  let unit = 0
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

/** `25 min`, `10 h`, `3 d 4 h`; what lies ahead has no age. */
export function age(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000))
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}
