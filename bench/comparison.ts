/** The limit that a ratio has to meet. */
export type Goal = { readonly atMost: number } | { readonly atLeast: number }

/** The conditions of a comparison. */
export interface Terms {
  readonly rounds: number
  /** `atMost` limits the tool's time divided by the baseline's; `atLeast` the inverse, how many times faster it is. */
  readonly goal?: Goal
  /** True if a round that does not count comes first. Default: true. */
  readonly isWarmedUp?: boolean
  /** The unit of the measured values. Default: `ms`. */
  readonly unit?: Unit
}

export type Unit = 'ms' | 'MiB' | 'images'

/** The measured values of one round, by name: `up`, `down` … `total` is compared. */
export type Times = Readonly<Record<string, number>>

export interface Candidates {
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
  /** The ratio of the medians: see `Terms.goal`. */
  readonly ratio: number
  /** The ratios of the rounds, which show the noise. */
  readonly ratioMin: number
  readonly ratioMax: number
  readonly goal: Goal
  readonly isWithinGoal: boolean
  /** The medians of all other measured values. */
  readonly parts: { readonly tool: Times; readonly hand: Times }
}

/**
 * Measures both in turn, so that a busy moment of the machine affects both. They take turns in going first. A round that
 * does not count warms the caches.
 */
export async function compare(
  name: string,
  baseline: string,
  { rounds, goal = { atMost: 1.15 }, isWarmedUp = true, unit = 'ms' }: Terms,
  { tool, hand }: Candidates,
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
