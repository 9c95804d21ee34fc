import { defineParameterType } from '@cucumber/cucumber'
import type { Reading } from './reading.ts'

const unitMs: Readonly<Record<string, number>> = { second: 1000, minute: 60_000, hour: 3_600_000 }

/**
 * The time that a team has. Without it, there is no limit.
 * @shown [ within {period}]
 * @example within 45 minutes
 */
defineParameterType({
  name: 'limit',
  regexp: /(?: within ([1-9]\d*) (second|minute|hour)s?)?/,
  transformer(this: Reading, count?: string, unit?: string): number | undefined {
    // The script of an exercise names nodes as well.
    for (const node of this?.parameters?.teamNodes?.split(',') ?? []) this?.planned?.require(node)
    return count === undefined ? undefined : Number(count) * (unitMs[unit ?? ''] ?? 0)
  },
  useForSnippets: false,
})
