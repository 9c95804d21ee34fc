import { parseArgs } from 'node:util'
import { exitCodeOf } from '../src/drill/exit-code.ts'
import { onInterrupt } from '../src/drill/interrupts.ts'
import { InputError, MachineError } from '../src/errors.ts'
import { type EngineName, engineNames } from '../src/lab/engine/engine.ts'
import { openEngine } from '../src/lab/engine/open-engine.ts'
import { setUp } from '../src/setup/setup.ts'
import { LocalShell } from '../src/shell/local.ts'
import { type Comparison, compare } from './comparison.ts'
import { HeaderBench } from './headers.ts'
import { LabBench } from './lab.ts'
import { ParallelBench } from './parallel.ts'
import { subject, table } from './print.ts'
import { ScenarioBench } from './scenario.ts'

/** `npm run bench -- [--json] [--rounds N]`. Over the goal is no failure: it is printed. */
async function main(signal: AbortSignal): Promise<void> {
  const { json, rounds } = options()
  const say = (line: string) => process.stderr.write(`${line}\n`)
  const { exitCode } = await new LocalShell().try(['ssh', '-V'])
  if (exitCode !== 0)
    throw new MachineError('ssh-missing', 'the baselines need the ssh client', {
      remedy: 'apt-get install openssh-client',
    })
  for (const engine of engineNames) await setUp(engine, say, signal)
  const { version } = await (await openEngine('container')).check()
  if (!json) process.stdout.write(`${subject(version)}\n\n`)
  const comparisons: Comparison[] = []
  const done = (one: Comparison) => {
    comparisons.push(one)
    if (!json) process.stdout.write(`${table([one])}\n`)
  }
  done(await headers(rounds, signal))
  done(await labUpAndDown('embedded', 'lab-by-hand-embedded.sh: unshare, nsenter and ssh', rounds, signal))
  done(await labUpAndDown('container', 'lab-by-hand.sh: docker and ssh', rounds, signal))
  done(await mainScenario(rounds, signal))
  done(await sideBySide(rounds, signal))
  if (json) process.stdout.write(`${JSON.stringify({ subject: subject(version), comparisons }, undefined, 2)}\n`)
}

async function headers(rounds: number, signal: AbortSignal): Promise<Comparison> {
  using bench = new HeaderBench(signal)
  await bench.prepare()
  return await compare(
    `headers of ${bench.images} images, times faster`,
    'one qemu-img info each',
    { rounds, goal: { atLeast: 150 } },
    { tool: bench.byTool, hand: bench.byHand },
  )
}

async function labUpAndDown(
  engine: EngineName,
  baseline: string,
  rounds: number,
  signal: AbortSignal,
): Promise<Comparison> {
  using bench = new LabBench(engine, signal)
  return await compare(
    `${engine} lab of one server and three nodes, up and down`,
    baseline,
    { rounds },
    {
      tool: () => bench.byTool(),
      hand: () => bench.byHand(),
    },
  )
}

async function mainScenario(rounds: number, signal: AbortSignal): Promise<Comparison> {
  await using bench = new ScenarioBench(signal)
  await bench.prepare()
  const name = `main scenario: bind on three nodes, ${bench.restores} restores with digests on two computes`
  return await compare(
    name,
    'scenario-by-hand.sh: one shell script a node, by ssh',
    { rounds },
    {
      tool: () => bench.byTool(),
      hand: () => bench.byHand(),
    },
  )
}

/** Minutes a round: fewer of them, and none to warm up. */
async function sideBySide(rounds: number, signal: AbortSignal): Promise<Comparison> {
  using bench = new ParallelBench(signal)
  const name = `--parallel 2 on ${bench.features}, times faster`
  const terms = { rounds: Math.min(rounds, 2), goal: { atLeast: 1.3 }, isWarmedUp: false }
  return await compare(name, 'dr-drill run, one feature after another', terms, {
    tool: bench.sideBySide,
    hand: bench.oneAfterAnother,
  })
}

function options(): { readonly json: boolean; readonly rounds: number } {
  try {
    const { values } = parseArgs({ options: { json: { type: 'boolean' }, rounds: { type: 'string' } } })
    const rounds = Number(values.rounds ?? 5)
    if (!Number.isInteger(rounds) || rounds < 1) throw new InputError('--rounds must be a number from 1')
    return { json: values.json === true, rounds }
  } catch (cause) {
    if (cause instanceof InputError) throw cause
    throw new InputError((cause as Error).message, { cause })
  }
}

const interrupted = new AbortController()
const interrupts = onInterrupt({
  first: (error) => interrupted.abort(error),
  // Leases end the containers.
  second: () => process.exit(130),
})
try {
  await main(interrupted.signal)
} catch (thrown) {
  const error = interrupted.signal.aborted ? interrupted.signal.reason : thrown
  const { message, remedy } = error as { message: string; remedy?: string }
  process.stderr.write(`${message}${remedy === undefined ? '' : `\n${remedy}`}\n`)
  process.exitCode = exitCodeOf(error)
} finally {
  interrupts[Symbol.dispose]()
}
