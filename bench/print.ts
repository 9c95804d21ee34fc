import { cpus, release } from 'node:os'
import type { Comparison, Spread, Times, Unit } from './comparison.ts'

/** Names what is measured, and the machine. */
export function subject(): string {
  const [processor] = cpus()
  const machine = `${cpus().length} cores (${processor?.model.trim() ?? 'unknown'}), kernel ${release()}`
  return `dr-drill against plain scripts in the same run, on ${machine}, Node ${process.version}`
}

/** Returns a table for people: medians, with the minimum and maximum in brackets. */
export function table(comparisons: readonly Comparison[]): string {
  return comparisons.map(paragraph).join('\n')
}

function paragraph(one: Comparison): string {
  const [how, goal] = 'atMost' in one.goal ? ['at most', one.goal.atMost] : ['at least', one.goal.atLeast]
  const verdict = one.isWithinGoal ? 'meets' : 'MISSES'
  const noise = `${one.ratioMin.toFixed(2)}–${one.ratioMax.toFixed(2)}`
  return [
    `${one.name}  (median of ${one.rounds} rounds, min–max)`,
    `  dr-drill  ${spread(one.tool, one.unit)}${parts(one.parts.tool, one.unit)}`,
    `  baseline  ${spread(one.hand, one.unit)}${parts(one.parts.hand, one.unit)}  ${one.baseline}`,
    `  ratio     ${one.ratio.toFixed(2)} (${noise})  ${verdict} the goal of ${how} ${goal}`,
    '',
  ].join('\n')
}

const amount = (value: number, unit: Unit): string =>
  unit === 'ms' ? `${(value / 1000).toFixed(2)} s` : `${Math.round(value)} ${unit}`

function spread({ median, min, max }: Spread, unit: Unit): string {
  return `${amount(median, unit)} (${amount(min, unit)}–${amount(max, unit)})`
}

function parts(times: Times, unit: Unit): string {
  const all = Object.entries(times).map(([name, value]) => `${name} ${amount(value, unit)}`)
  return all.length === 0 ? '' : `  ${all.join(', ')}`
}
