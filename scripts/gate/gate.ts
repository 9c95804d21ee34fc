import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DrillError, InputError, withRemedy } from '../../src/errors.ts'
import { LocalShell } from '../../src/shell/local.ts'
import { checks } from './checks.ts'
import { reportCoverage } from './coverage.ts'
import { features } from './features.ts'
import { nodeTests } from './node-tests.ts'
import { packagePart } from './package.ts'
import type { Bench, Need, Part } from './part.ts'
import { closingLine, notJudged, oneCheck, type Tally, total } from './tally.ts'

const parts: readonly Part[] = [...checks, ...nodeTests, packagePart, ...features]

export const partNames: readonly string[] = parts.map(({ name }) => name)

export interface GateOptions extends Omit<Bench, 'shell' | 'coverageFolder'> {
  /** Names of parts. */
  readonly chosen: readonly string[]
  /** Makes the machine ready. @throws MachineError */
  readonly prepare: (need: Need) => Promise<void>
}

/**
 * What has to hold before a change lands. Parts are run in the order of what they cost, and all of them whatever
 * becomes of one, so that one run shows everything that is wrong.
 */
export async function runGate({ chosen, prepare, ...options }: GateOptions): Promise<Tally> {
  const { root, signal, say } = options
  if (!existsSync(join(root, 'biome.json'))) throw new InputError(`${root} is no checkout of dr-drill`)
  const coverageFolder = join(root, 'coverage', 'v8')
  await rm(coverageFolder, { recursive: true, force: true })
  await mkdir(coverageFolder, { recursive: true })
  const bench: Bench = { ...options, shell: new LocalShell(), coverageFolder }
  const tallies: Tally[] = []
  const ready = new Map<Need, Promise<void>>()
  for (const part of parts.filter(({ name }) => chosen.includes(name))) {
    if (signal.aborted) break
    const startedMs = performance.now()
    let tally: Tally
    try {
      for (const need of part.needs) {
        // Tried once, whatever comes of it.
        if (!ready.has(need)) ready.set(need, prepare(need))
        await ready.get(need)
      }
      tally = await part.run(bench)
    } catch (error) {
      if (signal.aborted) break
      say(explain(error))
      tally = error instanceof DrillError && error.blame === 'machine' ? notJudged : oneCheck(false)
    }
    // What was cut off has neither passed nor failed.
    if (signal.aborted) break
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
    const outcome = tally === notJudged ? 'could not be judged' : closingLine(tally)
    say(`${part.name.padEnd(19)}  ${outcome}  (${seconds} s)`)
    tallies.push(tally)
  }
  if (signal.aborted) {
    say(explain(signal.reason))
    return { ...total(tallies), exitCode: 130 }
  }
  await reportCoverage(bench)
  return total(tallies)
}

function explain(error: unknown): string {
  if (!(error instanceof DrillError)) return error instanceof Error ? (error.stack ?? error.message) : String(error)
  return withRemedy(error)
}
