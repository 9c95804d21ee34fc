import { readFileSync, readlinkSync } from 'node:fs'

/** The kernel's number of the calling thread; 0 if the kernel does not report it. */
export function ownThreadId(): number {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1))
  } catch {
    return 0
  }
}

/**
 * How many milliseconds a thread of this process was runnable without a processor; 0 if the kernel does not report it.
 * This is the second number of `schedstat` (Documentation/scheduler/sched-stats.rst in the kernel).
 */
export function waitedForProcessorMs(threadId: number): number {
  try {
    const [, waitedNs = 0] = readFileSync(`/proc/self/task/${threadId}/schedstat`, 'utf8').split(' ')
    return Number(waitedNs) / 1e6
  } catch {
    return 0
  }
}
