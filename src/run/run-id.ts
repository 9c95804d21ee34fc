import { randomBytes } from 'node:crypto'

/** Returns an id that sorts by time, and is safe as a label, file name and host name: `20261122t201500-3f9a1c`. */
export function newRunId(now: Date): string {
  const time = now.toISOString().replaceAll(/[-:]/g, '').slice(0, 15).toLowerCase()
  return `${time}-${randomBytes(3).toString('hex')}`
}
