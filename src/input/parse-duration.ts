import { z } from 'zod'

const pattern = /^(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/

/** Returns the milliseconds of `90s`, `15m`, `1h30m` or `3d`. Undefined for anything else, and for 0. */
export function parseDurationMs(text: string): number | undefined {
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = pattern.exec(text) ?? []
  const durationMs = (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
  return durationMs > 0 && Number.isSafeInteger(durationMs) ? durationMs : undefined
}

/** Like `parseDurationMs`, but also takes ages as they are printed: `25 min`, `3 d 4 h`. */
export function parseAgeMs(text: string): number | undefined {
  return parseDurationMs(text.replaceAll(/(?<=\d) (?=[dhms])|(?<=[dh]) (?=\d)/g, '').replace(/(?<=\dm)in$/, ''))
}

/** A duration as people write it. */
export const durationSchema = z
  .string('must be a duration like 90s, 15m or 2h')
  .regex(pattern, 'must be a duration like 90s, 15m or 2h')
  .refine((text) => parseDurationMs(text) !== undefined, 'must be longer than 0s and shorter than 285,000 years')
