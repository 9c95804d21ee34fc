import { z } from 'zod'

const pattern = /^(?=\d)(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/

/** Milliseconds of `90s`, `15m`, `1h30m`; undefined for anything else, and for no time at all. */
export function parseDurationMs(text: string): number | undefined {
  const [, hours = '0', minutes = '0', seconds = '0'] = pattern.exec(text) ?? []
  const durationMs = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
  return durationMs > 0 && Number.isSafeInteger(durationMs) ? durationMs : undefined
}

/** A duration as people write it. */
export const durationSchema = z
  .string('must be a duration like 90s, 15m or 2h')
  .regex(pattern, 'must be a duration like 90s, 15m or 2h')
  .refine((text) => parseDurationMs(text) !== undefined, 'must be longer than nothing, and less than forever')
