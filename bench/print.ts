import { cpus, release } from 'node:os'
import type { Comparison, Spread, Times } from './comparison.ts'

/** What is measured, and on what. */
export function subject(): string {
  const [processor] = cpus()
  const machine = `${cpus().length} cores (${processor?.model.trim() ?? 'unknown'}), kernel ${release()}`
  return `dr-drill against plain scripts in the same run, on ${machine}, Node ${process.version}`
}

/** A table for people: medians, with the lowest and the highest in brackets. */
export function table(comparisons: readonly Comparison[]): string {
  return comparisons.map(paragraph).join('\n')
}

function paragraph(one: Comparison): string {
  const [how, goal] = 'atMost' in one.goal ? ['at most', one.goal.atMost] : ['at least', one.goal.atLeast]
  const verdict = one.isWithinGoal ? 'meets' : 'MISSES'
  const noise = `${one.ratioMin.toFixed(2)}–${one.ratioMax.toFixed(2)}`
  return [
    `${one.name}  (median of ${one.rounds} rounds, min–max)`,
    `  dr-drill  ${spread(one.tool)}${parts(one.parts.tool)}`,
    `  baseline  ${spread(one.hand)}${parts(one.parts.hand)}  ${one.baseline}`,
    `  ratio     ${one.ratio.toFixed(2)} (${noise})  ${verdict} the goal of ${how} ${goal}`,
    '',
  ].join('\n')
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`

function spread({ medianMs, minMs, maxMs }: Spread): string {
  return `${seconds(medianMs)} (${seconds(minMs)}–${seconds(maxMs)})`
}

function parts(times: Times): string {
  const all = Object.entries(times).map(([name, ms]) => `${name} ${seconds(ms)}`)
  return all.length === 0 ? '' : `  ${all.join(', ')}`
}
