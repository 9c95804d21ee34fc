import { readFileSync } from 'node:fs'

/** A module for Python programs on hosts: what is mounted where, stacked mounts and hidden ones included. */
export const mountPointsModule: Readonly<Record<string, string>> = {
  mount_points: readFileSync(new URL('./mount_points.py', import.meta.url), 'utf8'),
}
