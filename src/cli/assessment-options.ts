import { InvalidArgumentError, Option } from 'commander'
import type { FailOn } from '../assess/judge/assessment-summary.ts'
import { InputError } from '../errors.ts'
import { parseAgeMs, parseDurationMs } from '../input/parse-duration.ts'

const failures: readonly FailOn[] = ['broken', 'needs-recovery', 'needs-secret', 'stale']

/** Options of every command that judges a target. */
export interface JudgingFlags {
  readonly maxAge?: number
  readonly failOn: readonly FailOn[]
  readonly all?: true
  readonly json?: true
  readonly metrics?: string
}

export const maxAgeOption = (): Option =>
  new Option('--max-age <duration>', 'maximum age of the newest restorable snapshot, e.g. 24h or 3d').argParser(
    parseAge,
  )

export const failOnOption = (): Option =>
  new Option('--fail-on <list>', `exit with 1 if any of these is found: ${failures.join(', ')}`)
    .argParser(parseFailOn)
    .default(['broken'], 'broken')

export const concurrencyOption = (): Option =>
  new Option('--concurrency <n>', 'maximum number of concurrent requests to a slow share')
    .argParser(parseCount)
    .default(16)

export const answerWithinOption = (): Option =>
  new Option('--answer-within <duration>', 'give up on a share that does not answer for this long')
    .argParser(parseDuration)
    .default(30_000, '30s')

export const allOption = (): Option =>
  new Option('--all', 'list all workloads and examples, not only those that need attention')

/** @throws InputError for options that contradict each other */
export function checkJudgingFlags({ failOn, maxAge }: Pick<JudgingFlags, 'failOn' | 'maxAge'>): void {
  if (failOn.includes('stale') && maxAge === undefined)
    throw new InputError('--fail-on stale requires --max-age', { remedy: 'Add --max-age, e.g. --max-age 3d.' })
}

export function parseAge(text: string): number {
  const ms = parseAgeMs(text)
  if (ms === undefined) throw new InvalidArgumentError('It must be an age, e.g. 90s, 15m, 24h or 3d.')
  return ms
}

function parseDuration(text: string): number {
  const ms = parseDurationMs(text)
  if (ms === undefined) throw new InvalidArgumentError('It must be a duration, e.g. 90s, 15m or 2h.')
  return ms
}

function parseCount(text: string): number {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (count < 1 || count > 1024) throw new InvalidArgumentError('It must be a number from 1 to 1024.')
  return count
}

function parseFailOn(text: string): readonly FailOn[] {
  return text.split(',').map((word) => {
    const known = failures.find((failure) => failure === word.trim())
    if (known === undefined)
      throw new InvalidArgumentError(`It must be a comma-separated list of ${failures.join(', ')}.`)
    return known
  })
}
