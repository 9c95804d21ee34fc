import { entriesOf, fail, pass, type Question, UnjudgeableError } from '../question.ts'
import { defineObservation } from './define-observation.ts'
import { isFiniteNumber, isListOf, isText } from './facts.ts'

/** The shards that were merged into a run. */
export interface MergedShards {
  /** How many shards the run was divided into. */
  readonly count: number
  /** Locations of the scenarios of the whole run. */
  readonly selected: readonly string[]
  readonly shards: readonly {
    readonly number: number
    readonly run: string
    /** Locations of the scenarios that it was to run. */
    readonly own: readonly string[]
  }[]
}

export const mergedShards = defineObservation('merged shards', isMergedShards)

function isMergedShards(facts: unknown): facts is MergedShards {
  if (typeof facts !== 'object' || facts === null) return false
  const { count, selected, shards }: Partial<Record<keyof MergedShards, unknown>> = facts
  const isShard = (one: unknown): one is MergedShards['shards'][number] => {
    if (typeof one !== 'object' || one === null) return false
    const { number, run, own } = one as Record<string, unknown>
    return isFiniteNumber(number) && isText(run) && isListOf(isText)(own)
  }
  return isFiniteNumber(count) && isListOf(isText)(selected) && isListOf(isShard)(shards)
}

/** Asks whether every shard was merged, and every scenario was in exactly one of them and has an outcome. */
export const eachScenarioOnce: Question<Readonly<Record<string, never>>> = {
  name: 'every scenario ran in exactly one shard',
  judge: (journal) => {
    const last = mergedShards.history(journal).at(-1)
    if (last === undefined) throw new UnjudgeableError(`${mergedShards.subject} were not observed`)
    const { seq, facts } = last
    const { count, selected, shards } = facts
    const numbers = Array.from({ length: count }, (_, index) => index + 1)
    const missing = numbers.filter((number) => !shards.some((one) => one.number === number))
    const ended = new Set(entriesOf(journal, 'drill-ended').map(({ drill }) => drill))
    const run = new Set(
      entriesOf(journal, 'drill-started').flatMap(({ drill, location }) => (ended.has(drill) ? [location] : [])),
    )
    const shardsOf = (location: string) => shards.filter(({ own }) => own.includes(location))
    const problems = [
      ...missing.map((number) => `shard ${number}/${count} is missing`),
      ...selected.flatMap((location) => {
        const [one, other] = shardsOf(location)
        if (one === undefined) return [`${location} was in no shard`]
        if (other !== undefined) return [`${location} was in shards ${one.number} and ${other.number}`]
        return run.has(location) ? [] : [`shard ${one.number}/${count} has no outcome of ${location}`]
      }),
    ]
    if (problems.length > 0) return fail(problems.join('; '), [seq])
    return pass(`${selected.length} scenarios in ${count} shards`, [seq])
  },
}
