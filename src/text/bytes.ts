const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** `10.4 MiB` */
export function bytes(count: number): string {
  const unit = unitOf(count)
  return `${inUnit(count, unit)} ${units[unit]}`
}

/** `0.5 of 2.0 GiB`: both in the unit of the total. */
export function bytesOf(count: number, total: number): string {
  const unit = unitOf(total)
  return `${inUnit(count, unit)} of ${bytes(total)}`
}

function unitOf(count: number): number {
  let unit = 0
  for (let value = count; value >= 1024 && unit < units.length - 1; unit++) value /= 1024
  return unit
}

function inUnit(count: number, unit: number): string {
  return unit === 0 ? String(Math.round(count)) : (count / 1024 ** unit).toFixed(1)
}
