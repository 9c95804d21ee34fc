import { DrillError } from '../errors.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export interface InterruptOptions {
  /** The user wants the run to end. */
  readonly first: (error: DrillError) => void
  /** The user does not want to wait for cleaning up either. */
  readonly second: (error: DrillError) => void
}

/**
 * Ctrl-C and its kin. A terminal and a launcher such as npm may both deliver the same Ctrl-C, so a signal counts as
 * another one only after a moment.
 */
export function onInterrupt({ first, second }: InterruptOptions): Disposable {
  const sameMs = 250
  let firstAtMs: number | undefined
  const listener = (signal: NodeJS.Signals): void => {
    const nowMs = performance.now()
    if (firstAtMs === undefined) {
      firstAtMs = nowMs
      first(new DrillError('interrupted', 'interrupted', `interrupted by ${signal}`))
    } else if (nowMs - firstAtMs > sameMs) {
      second(new DrillError('interrupted', 'interrupted', `interrupted again by ${signal}, while cleaning up`))
    }
  }
  for (const signal of signals) process.on(signal, listener)
  return {
    [Symbol.dispose]: () => {
      for (const signal of signals) process.off(signal, listener)
    },
  }
}
