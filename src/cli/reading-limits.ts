import { InvalidArgumentError, Option } from 'commander'
import type { ReadContent } from '../assess/judge/content-port.ts'
import { InputError } from '../errors.ts'
import { parseBytes } from '../input/parse-bytes.ts'
import { duration } from '../text/duration.ts'
import { Throttle } from '../verify/throttle.ts'
import { parseTimeWindow, type TimeWindow, untilOpenMs, waitUntilOpen } from '../verify/time-window.ts'

export const maxBytesPerSecondOption = (): Option =>
  new Option('--max-bytes-per-second <size>', 'limit for reading each target on this host, e.g. 200M').argParser(
    parseSize,
  )

export const betweenOption = (): Option =>
  new Option('--between <hh:mm-hh:mm>', 'hours in which content is read, in local time, e.g. 22:00-06:00').argParser(
    refusing(parseTimeWindow),
  )

/** Returns a parser for Commander, which shows the remedy of a refused value. */
export function refusing<Value>(parse: (text: string) => Value): (text: string) => Value {
  return (text) => {
    try {
      return parse(text)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      throw new InvalidArgumentError(error.remedy ?? error.message)
    }
  }
}

/** Returns a reader that keeps to a limit for each target, over all disks on it. */
export function pacedReader(read: ReadContent, maxBytesPerSecond: number | undefined): ReadContent {
  if (maxBytesPerSecond === undefined) return read
  const throttles = new Map<number | undefined, Throttle>()
  return (links, options) => {
    const target = links[0]?.file?.target
    const throttle = throttles.get(target) ?? new Throttle(maxBytesPerSecond)
    throttles.set(target, throttle)
    return read(links, { ...options, beforeReading: (bytes) => throttle.wait(bytes, options.signal) })
  }
}

/** Waits for a window, and says so. @throws the signal's reason */
export async function waitForWindow(
  window: TimeWindow,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const leftMs = untilOpenMs(window, new Date())
  if (leftMs > 0) say(`waiting ${duration(leftMs)} for the hours of --between`)
  await waitUntilOpen(window, signal)
}

function parseSize(text: string): number {
  const bytes = parseBytes(text)
  if (bytes === undefined) throw new InvalidArgumentError('It must be a size, e.g. 200M or 1.5GiB.')
  return bytes
}
