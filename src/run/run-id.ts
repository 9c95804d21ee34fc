import { randomBytes } from 'node:crypto'

/** Sorts by time and is safe as a label, a file name and a host name: `20261122t201500-3f9a1c`. */
export function newRunId(now: Date): string {
  const time = now.toISOString().replaceAll(/[-:]/g, '').slice(0, 15).toLowerCase()
  return `${time}-${randomBytes(3).toString('hex')}`
}
