import { setTimeout as delay } from 'node:timers/promises'
import { MachineError } from '../errors.ts'

/**
 * Waits for a promise until the deadline. The promise itself goes on after that, and its outcome is ignored.
 * @param what completes the message "timed out after 30 s waiting for …"
 * @throws MachineError at the deadline
 */
export async function within<T>(deadlineMs: number, what: string, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(timedOut(deadlineMs, what)), deadlineMs)
  promise.catch(() => {})
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

export interface UntilOptions {
  readonly deadlineMs: number
  readonly intervalMs?: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Calls `probe` until it resolves with something other than `undefined`, and returns that.
 * @param what completes the message "timed out after 30 s waiting for …"
 * @throws MachineError at the deadline; the signal's reason if it is aborted first
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  { deadlineMs, intervalMs = 100, signal }: UntilOptions,
): Promise<T> {
  const end = performance.now() + deadlineMs
  for (;;) {
    signal?.throwIfAborted()
    const found = await probe()
    if (found !== undefined) return found
    if (performance.now() >= end) throw timedOut(deadlineMs, what)
    // An aborted delay rejects with an AbortError, which hides the signal's reason.
    await delay(intervalMs, undefined, { signal }).catch(() => signal?.throwIfAborted())
  }
}

function timedOut(deadlineMs: number, what: string): MachineError {
  return new MachineError('deadline', `timed out after ${Math.round(deadlineMs / 1000)} s waiting for ${what}`)
}
