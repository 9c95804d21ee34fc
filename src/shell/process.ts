import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

/** How a process ended: with a code, or by a signal. */
export type Exit =
  | { readonly exitCode: number; readonly signal: null }
  | { readonly exitCode: null; readonly signal: string }

/** A started command: the part in which shells differ. */
export interface Process {
  /** Start time, in the milliseconds of `performance.now()`. */
  readonly startedAt: number
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves when the process has ended. Rejects if that can no longer be known. */
  readonly exit: Promise<Exit>
  /** Signals the process group. Resolves when that succeeded or failed. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Stops waiting for a process that does not end. */
  abandon(): void
}

/** How long a stopped process may take to end after SIGTERM, and again after SIGKILL. */
export const graceMs = 2_000

/**
 * Stops a process group with SIGTERM, then with SIGKILL. A process in uninterruptible sleep (NFS without a server) reacts
 * to no signal. It is abandoned, so that this takes at most twice `graceMs`, plus `tidyMs`.
 * @param tidyMs how long it may take to end after SIGTERM
 */
export async function stopProcess(process: Process, over: Promise<unknown>, tidyMs = graceMs): Promise<void> {
  // Its time starts when the signal has arrived: a slow connection delays it.
  await settledWithin(graceMs, Promise.race([over, process.kill('SIGTERM')]))
  await settledWithin(tidyMs, over)
  // Also if the command has ended: children without output may still run.
  if (!(await settledWithin(graceMs, Promise.all([over, process.kill('SIGKILL')])))) process.abandon()
}

/** True if `promise` resolves or rejects in time. */
export async function settledWithin(ms: number, promise: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController()
  const late = delay(ms, false, { signal: timer.signal }).catch(() => false)
  const settled = promise.then(
    () => true,
    () => true,
  )
  return Promise.race([settled, late]).finally(() => timer.abort())
}
