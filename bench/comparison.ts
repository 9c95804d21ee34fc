/** What a ratio should be. */
export type Goal = { readonly atMost: number } | { readonly atLeast: number }

/** How a comparison is made. */
export interface Terms {
  readonly rounds: number
  /** Of the tool's time to the baseline's; `atLeast` is of the baseline's to the tool's: so many times faster. */
  readonly goal?: Goal
  /** A round that does not count comes first. */
  readonly isWarmedUp?: boolean
  /** Of what is measured. Default `ms`. */
  readonly unit?: Unit
}

export type Unit = 'ms' | 'MiB'

/** Milliseconds of one round (or what the terms say), by what was measured: `up`, `down` … */
export type Times = Readonly<Record<string, number>>

export interface Contestants {
  readonly tool: () => Promise<Times>
  readonly hand: () => Promise<Times>
}

export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

export interface Comparison {
  readonly name: string
  readonly baseline: string
  readonly rounds: number
  readonly unit: Unit
  readonly tool: Spread
  readonly hand: Spread
  /** Of the medians: see `Terms.goal`. */
  readonly ratio: number
  /** Of the rounds: the noise. */
  readonly ratioMin: number
  readonly ratioMax: number
  readonly goal: Goal
  readonly isWithinGoal: boolean
  /** What the tool's rounds and the baseline's consist of: medians. */
  readonly parts: { readonly tool: Times; readonly hand: Times }
}

/**
 * Both in turn, so that a machine that is busy for a while is so for both, and each of them first in every other round.
 * A round before those that count warms caches. `total` is what is compared.
 */
export async function compare(
  name: string,
  baseline: string,
  { rounds, goal = { atMost: 1.15 }, isWarmedUp = true, unit = 'ms' }: Terms,
  { tool, hand }: Contestants,
): Promise<Comparison> {
  if (isWarmedUp) {
    await tool()
    await hand()
  }
  const tools: Times[] = []
  const hands: Times[] = []
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) tools.push(await tool())
    hands.push(await hand())
    if (round % 2 === 1) tools.push(await tool())
  }
  const totals = (all: readonly Times[]) => all.map(totalOf)
  const ratioOf = (ofTool: number, ofHand: number) => ('atMost' in goal ? ofTool / ofHand : ofHand / ofTool)
  const ratios = totals(tools).map((total, round) => ratioOf(total, totals(hands)[round] ?? Number.NaN))
  const ratio = ratioOf(median(totals(tools)), median(totals(hands)))
  return {
    name,
    baseline,
    rounds,
    unit,
    tool: spreadOf(totals(tools)),
    hand: spreadOf(totals(hands)),
    ratio,
    ratioMin: Math.min(...ratios),
    ratioMax: Math.max(...ratios),
    goal,
    isWithinGoal: 'atMost' in goal ? ratio <= goal.atMost : ratio >= goal.atLeast,
    parts: { tool: partsOf(tools), hand: partsOf(hands) },
  }
}

const totalOf = ({ total = Number.NaN }: Times): number => total

function partsOf(all: readonly Times[]): Times {
  const names = Object.keys(all[0] ?? {}).filter((name) => name !== 'total')
  return Object.fromEntries(names.map((name) => [name, median(all.map((times) => times[name] ?? Number.NaN))]))
}

function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const [low = Number.NaN, high = Number.NaN] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return (low + high) / 2
}
