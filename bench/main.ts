import { parseArgs } from 'node:util'
import { InputError } from '../src/errors.ts'
import { exitCodeOfError } from '../src/run/exit-code.ts'
import { onInterrupt } from '../src/run/interrupts.ts'
import { setUp } from '../src/setup/setup.ts'
import type { Comparison } from './comparison.ts'
import { type Benchmark, menu } from './menu.ts'
import { subject, table } from './print.ts'

const help = `npm run bench -- [--json] [--rounds N] [NAME…]

Compares the time that dr-drill takes with a plain script in the same run, as the
median of N rounds (default: 5).

  ${menu.map(({ name, isOnDemand }) => (isOnDemand ? `${name} (only if it is named: it takes long)` : name)).join('\n  ')}

  $ npm run bench                              all that do not take long
  $ npm run bench -- --rounds 3 assess recovery

Exit codes: 0 all goals met, 1 goal missed, 2 wrong input, 3 not measured,
130 interrupted.
`

async function main(signal: AbortSignal): Promise<void> {
  const { json, rounds, chosen, wantsHelp } = options()
  if (wantsHelp) {
    process.stdout.write(help)
    return
  }
  const print = (line: string) => process.stderr.write(`${line}\n`)
  const engines = new Set(chosen.flatMap((one) => one.engines))
  for (const purpose of ['tests', ...engines] as const) await setUp(purpose, print, signal)
  if (!json) process.stdout.write(`${subject()}\n\n`)
  const comparisons: Comparison[] = []
  for (const { name, run } of chosen) {
    print(`${name} …`)
    const made = await run(rounds, signal)
    comparisons.push(...made)
    if (!json) process.stdout.write(`${table(made)}\n`)
  }
  if (comparisons.some(({ isWithinGoal }) => !isWithinGoal)) process.exitCode = 1
  if (json) process.stdout.write(`${JSON.stringify({ subject: subject(), comparisons }, undefined, 2)}\n`)
}

interface Options {
  readonly json: boolean
  readonly rounds: number
  readonly chosen: readonly Benchmark[]
  readonly wantsHelp: boolean
}

function options(): Options {
  try {
    const { values, positionals } = parseArgs({
      options: { json: { type: 'boolean' }, rounds: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    })
    const rounds = Number(values.rounds ?? 5)
    if (!Number.isInteger(rounds) || rounds < 1) throw new InputError('--rounds must be a number from 1')
    const chosen = positionals.length === 0 ? menu.filter(({ isOnDemand }) => !isOnDemand) : positionals.map(find)
    return { json: values.json === true, rounds, chosen, wantsHelp: values.help === true }
  } catch (cause) {
    if (cause instanceof InputError) throw cause
    throw new InputError((cause as Error).message, { cause })
  }
}

function find(name: string): Benchmark {
  const found = menu.find((one) => one.name === name)
  if (found === undefined)
    throw new InputError(`unknown benchmark ${name}`, {
      remedy: `Choose from: ${menu.map((one) => one.name).join(', ')}.`,
    })
  return found
}

const interrupted = new AbortController()
const interrupts = onInterrupt({
  first: (error) => interrupted.abort(error),
  // The leases end the containers.
  second: () => process.exit(130),
})
try {
  await main(interrupted.signal)
} catch (thrown) {
  const error = interrupted.signal.aborted ? interrupted.signal.reason : thrown
  const { message, remedy } = error as { message: string; remedy?: string }
  process.stderr.write(`${message}${remedy === undefined ? '' : `\n${remedy}`}\n`)
  process.exitCode = exitCodeOfError(error)
} finally {
  interrupts[Symbol.dispose]()
}
