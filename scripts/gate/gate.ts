import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describeError } from '../../src/cli/print-error.ts'
import { DrillError, InputError } from '../../src/errors.ts'
import type { Purpose } from '../../src/setup/setup.ts'
import { LocalShell } from '../../src/shell/local.ts'
import { checks } from './checks.ts'
import { Coverage } from './coverage.ts'
import { features } from './features.ts'
import { nodeTests } from './node-tests.ts'
import { packagePart } from './package.ts'
import type { Part, PartContext } from './part.ts'
import { closingLine, oneCheck, type Tally, total, unknownTally } from './tally.ts'

/** Cheapest first. */
const parts: readonly Part[] = [...checks, ...nodeTests, packagePart, ...features]

export const partNames: readonly string[] = parts.map(({ name }) => name)

export interface GateOptions extends Omit<PartContext, 'shell' | 'environment'> {
  /** Names of parts. */
  readonly chosen: readonly string[]
  /** True to measure the coverage, which takes twice the time. */
  readonly isMeasured: boolean
  /** Sets this machine up. @throws MachineError */
  readonly prepare: (purpose: Purpose) => Promise<void>
}

/** Runs the chosen parts in their order, and prints a line for each. A part that fails does not end the run. */
export async function runGate({ chosen, isMeasured, prepare, ...options }: GateOptions): Promise<Tally> {
  const { root, signal, print } = options
  if (!existsSync(join(root, 'biome.json'))) throw new InputError(`${root} is not a checkout of dr-drill`)
  const coverage = isMeasured ? await Coverage.begin(root) : undefined
  // With compiled code, a process starts in half the time, but its coverage is less precise.
  const environment = {
    ...(coverage?.environment ?? { NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compiled') }),
    ...(options.tags === undefined && { DR_DRILL_FULL_TESTS: '1' }),
  }
  const shell = new LocalShell()
  const context: PartContext = { ...options, shell, environment }
  const preparations = new Map<Purpose, Promise<void>>()
  /** Sets the machine up for one purpose, once. */
  const prepareOnce = (purpose: Purpose): Promise<void> => {
    const preparation = preparations.get(purpose) ?? prepare(purpose)
    preparations.set(purpose, preparation)
    return preparation
  }
  const tallies: Tally[] = []
  for (const part of parts.filter(({ name }) => chosen.includes(name))) {
    if (signal.aborted) break
    const startedMs = performance.now()
    const tally = await runPart(part, context, prepareOnce)
    // An interrupted part has neither passed nor failed.
    if (signal.aborted) break
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
    const outcome = tally === unknownTally ? 'unknown' : closingLine(tally)
    print(`${part.name.padEnd(19)}  ${outcome}  (${seconds} s)`)
    tallies.push(tally)
  }
  if (signal.aborted) {
    print(describeError(signal.reason))
    return { ...total(tallies), exitCode: 130 }
  }
  if (coverage !== undefined) print(await coverage.report(shell, signal))
  return total(tallies)
}

async function runPart(part: Part, context: PartContext, prepare: (purpose: Purpose) => Promise<void>): Promise<Tally> {
  try {
    for (const purpose of part.needs) await prepare(purpose)
    return await part.run(context)
  } catch (error) {
    const isExpected = error instanceof DrillError
    if (!context.signal.aborted) context.print(describeError(error, { isDebug: !isExpected }))
    return isExpected && error.blame === 'machine' ? unknownTally : oneCheck(false)
  }
}
