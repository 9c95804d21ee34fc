import { DrillError } from '../errors.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A terminal and a launcher such as npm may both deliver the same Ctrl-C within this time. */
const duplicateMs = 250

export interface InterruptOptions {
  /** Called on the first signal: stop and clean up. */
  readonly first: (error: DrillError) => void
  /** Called on a later signal: quit without cleaning up. */
  readonly second: (error: DrillError) => void
}

/**
 * Handles Ctrl-C and other signals to end, until disposed of. If there was one, the process is about to exit then, and a
 * later signal makes it exit with 130 immediately.
 */
export function onInterrupt({ first, second }: InterruptOptions): Disposable {
  let firstAtMs: number | undefined
  let isDisposed = false
  const listener = (signal: NodeJS.Signals): void => {
    const nowMs = performance.now()
    if (firstAtMs === undefined) {
      firstAtMs = nowMs
      first(new DrillError('interrupted', 'interrupted', `interrupted by ${signal}`))
    } else if (nowMs - firstAtMs > duplicateMs) {
      if (isDisposed) process.exit(130)
      second(new DrillError('interrupted', 'interrupted', `interrupted again by ${signal} while cleaning up`))
    }
  }
  for (const signal of signals) process.on(signal, listener)
  return {
    [Symbol.dispose]: () => {
      isDisposed = true
      // Without a listener, a duplicate would kill the process.
      if (firstAtMs === undefined) for (const signal of signals) process.off(signal, listener)
    },
  }
}
