import { readFileSync, readlinkSync } from 'node:fs'

/** Of the thread that asks, as the kernel numbers it; 0 if it does not tell. */
export function ownThreadId(): number {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1))
  } catch {
    return 0
  }
}

/**
 * For how many milliseconds a thread of this process was ready to run and had no processor; 0 if the kernel does not tell.
 * The second number of `schedstat`: Documentation/scheduler/sched-stats.rst of the kernel.
 */
export function waitedForProcessorMs(threadId: number): number {
  try {
    const [, waitedNs = 0] = readFileSync(`/proc/self/task/${threadId}/schedstat`, 'utf8').split(' ')
    return Number(waitedNs) / 1e6
  } catch {
    return 0
  }
}
