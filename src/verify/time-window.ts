import { setTimeout as sleep } from 'node:timers/promises'
import { InputError } from '../errors.ts'

const minutesOfDay = 24 * 60

/** The hours of a day in which content is read, in the time zone of the host. */
export interface TimeWindow {
  /** Minutes since midnight. A window whose end comes before its beginning lasts over midnight. */
  readonly from: number
  readonly to: number
}

/** Returns the window that `22:00-06:00` describes. @throws InputError */
export function parseTimeWindow(text: string): TimeWindow {
  const [, ...times] = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(text)?.map(Number) ?? []
  const [fromHour = 99, fromMinute = 99, toHour = 99, toMinute = 99] = times
  const isTime = (hour: number, minute: number) => hour < 24 && minute < 60
  const window = { from: fromHour * 60 + fromMinute, to: toHour * 60 + toMinute }
  if (!isTime(fromHour, fromMinute) || !isTime(toHour, toMinute) || window.from === window.to)
    throw new InputError(`${JSON.stringify(text)} is not a time window`, {
      remedy: 'Write its beginning and its end, e.g. 22:00-06:00.',
    })
  return window
}

/** Returns the milliseconds until a window is open: 0 if it is. */
export function untilOpenMs({ from, to }: TimeWindow, now: Date): number {
  const minute = now.getHours() * 60 + now.getMinutes()
  const isOpen = from < to ? minute >= from && minute < to : minute >= from || minute < to
  if (isOpen) return 0
  const minutes = (from - minute + minutesOfDay) % minutesOfDay
  return minutes * 60_000 - now.getSeconds() * 1000 - now.getMilliseconds()
}

/** Looks at the clock this often, because it may be set. */
const lookEveryMs = 60_000

/** Waits until a window is open. @throws the signal's reason */
export async function waitUntilOpen(
  window: TimeWindow,
  signal: AbortSignal,
  now: () => Date = () => new Date(),
): Promise<void> {
  for (let leftMs = untilOpenMs(window, now()); leftMs > 0; leftMs = untilOpenMs(window, now()))
    await sleep(Math.min(leftMs, lookEveryMs), undefined, { signal })
}
