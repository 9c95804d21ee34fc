import { StalledError } from './nbd/protocol.ts'

/**
 * What `work` comes to, or a StalledError when it calls `progress` no more for so long. It goes on then: a read from a
 * file system that does not answer cannot be stopped.
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
