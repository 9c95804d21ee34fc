import { setTimeout as delay } from 'node:timers/promises'
import { MachineError } from '../errors.ts'

/**
 * The promise's outcome, or after `deadlineMs` a MachineError that names what did not happen. The promise itself
 * goes on: what it does later is nobody's concern any more.
 */
export async function within<T>(deadlineMs: number, what: string, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(new MachineError('deadline', `${what}: nothing for ${Math.round(deadlineMs / 1000)} s`)),
    deadlineMs,
  )
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

/** Asks until the answer is not `undefined`. @throws MachineError at the deadline; the signal's reason */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  { deadlineMs, intervalMs = 100, signal }: UntilOptions,
): Promise<T> {
  const end = performance.now() + deadlineMs
  for (;;) {
    signal?.throwIfAborted()
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() >= end)
      throw new MachineError('deadline', `${what}: not so after ${Math.round(deadlineMs / 1000)} s`)
    // It rejects with an error of its own, which says nothing of the reason.
    await delay(intervalMs, undefined, { signal }).catch(() => signal?.throwIfAborted())
  }
}
