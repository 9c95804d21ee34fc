import { StalledError } from './nbd/protocol.ts'

/**
 * Returns the result of `work`. Throws a StalledError if `work` does not call `progress` for too long. The work
 * continues then: a read of a silent file system cannot be stopped.
 */
export async function unlessStalled<T>(stallMs: number, work: (progress: () => void) => Promise<T>): Promise<T> {
  const { promise: stall, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new StalledError(stallMs)), stallMs)
  const working = work(() => timer.refresh())
  working.catch(() => {})
  try {
    return await Promise.race([working, stall])
  } finally {
    clearTimeout(timer)
  }
}
