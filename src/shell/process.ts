import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

/** How a process ended by itself: with a code, or by a signal. */
export type Exit =
  | { readonly exitCode: number; readonly signal: null }
  | { readonly exitCode: null; readonly signal: string }

/** A started command, wherever it runs: the little that shells differ in. */
export interface Process {
  /** When it was begun, in the milliseconds of `performance.now()`. */
  readonly startedAt: number
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Settles when it has ended; rejects when that can no longer be known. */
  readonly exit: Promise<Exit>
  /** Signals it and all of its process group. Settles when that is done, one way or the other. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Lets go of a process that does not end. */
  abandon(): void
}

/** What a process that is stopped gets to end in an orderly way, and then to end at all. */
export const graceMs = 2_000

/**
 * Stops a process group: SIGTERM, then SIGKILL for what is left. A process that sleeps uninterruptibly in the kernel
 * (NFS without a server) takes no signal at all; it is let go of, so this never takes longer than twice `graceMs` and
 * `tidyMs`.
 * @param tidyMs what it gets to end in an orderly way
 */
export async function stop(process: Process, over: Promise<unknown>, tidyMs = graceMs): Promise<void> {
  // It has all of its time from when it is told: over a connection that is slow that takes a while.
  await settledWithin(graceMs, Promise.race([over, process.kill('SIGTERM')]))
  await settledWithin(tidyMs, over)
  // Also when it is over: children that print nothing may still be there.
  if (!(await settledWithin(graceMs, Promise.all([over, process.kill('SIGKILL')])))) process.abandon()
}

/** Whether `promise` settles, either way, within so long. */
export async function settledWithin(ms: number, promise: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController()
  const late = delay(ms, false, { signal: timer.signal }).catch(() => false)
  const settled = promise.then(
    () => true,
    () => true,
  )
  return Promise.race([settled, late]).finally(() => timer.abort())
}
