import { readdirSync, readFileSync } from 'node:fs'

/**
 * Milliseconds that all threads of this process have computed, or were ready to and had to wait for a processor: on a
 * machine that is busy, a thread that waits for that does not wait for a file system.
 */
export function busyMs(): number {
  try {
    const nanoseconds = readdirSync('/proc/self/task').map((id) => {
      const [computed = 0, waited = 0] = readFileSync(`/proc/self/task/${id}/schedstat`, 'utf8').split(' ').map(Number)
      return computed + waited
    })
    return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e6
  } catch {
    // A kernel without these figures.
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
}
