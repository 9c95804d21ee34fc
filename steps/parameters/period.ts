import { defineParameterType } from '@cucumber/cucumber'
import { InputError } from '../../src/index.ts'

const unitMs: Readonly<Record<string, number>> = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 }

/**
 * A period of time, in one unit.
 * @example 15 minutes
 * @example 24 hours
 */
defineParameterType({
  name: 'period',
  regexp: /(\d+) (second|minute|hour|day)s?/,
  transformer(count: string, unit: string): number {
    const ms = Number(count) * (unitMs[unit] ?? 0)
    if (ms === 0) throw new InputError(`${count} ${unit}s is not a period of an objective: it must be longer than 0`)
    return ms
  },
  useForSnippets: false,
})
