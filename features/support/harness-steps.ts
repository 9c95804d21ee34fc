import { type DataTable, defineParameterType, Then, When } from '@cucumber/cucumber'
import { runOf } from '../../src/index.ts'
import type { EngineName } from '../../src/lab/engine/engine.ts'
import { openEngine } from '../../src/lab/engine/open-engine.ts'
import type { DrillWorld } from '../../steps/support/world.ts'
import { DrillProcess, type DrillProcessOptions } from './drill-process.ts'
import { drillExit, drillOutput, endOfKeptLab, enteredMachine, journalIsReadable, leftOfDrill } from './observations.ts'

defineParameterType({
  name: 'engine',
  regexp: /the (container|embedded) engine/,
  transformer: (name: string) => name as EngineName,
  useForSnippets: false,
})

let count = 0

/** Returns a new folder for the reports of an inner run. */
export function reportsFolder(world: DrillWorld): string {
  return runOf(world.parameters).file(`inner-${++count}`)
}

/** Starts an inner run of a feature, in a process of its own. */
export function start(
  world: DrillWorld,
  engine: EngineName,
  args: readonly string[],
  more: Partial<DrillProcessOptions> = {},
): Promise<DrillProcess> {
  return DrillProcess.start(world.drill, { engine, reports: reportsFolder(world), args, ...more })
}

/** Runs a step that needs an engine. Marks the scenario as not run, with the reason, if the engine is not available. */
export async function withEngine(world: DrillWorld, engine: EngineName, step: () => Promise<unknown>) {
  try {
    const its = await openEngine(engine)
    await its.check()
    if ((await its.image()) === undefined) return world.drill.notRun(`the ${engine} engine has no guest image here`)
  } catch (error) {
    return world.drill.notRun(`the ${engine} engine is not available here: ${(error as Error).message}`)
  }
  return step()
}

When('dr-drill runs {string} on {engine}', function (this: DrillWorld, feature: string, engine: EngineName) {
  return withEngine(this, engine, async () => (await start(this, engine, [feature])).observeEnd())
})

/** The events that a feature can name, and how each is done to an inner run. */
const events: Readonly<Record<string, (inner: DrillProcess) => Promise<void>>> = {
  nothing: async () => {},
  'it is interrupted': async (inner) => {
    await inner.untilWaiting()
    inner.interrupt()
  },
  'it is interrupted twice': async (inner) => {
    await inner.untilWaiting()
    inner.interrupt()
    // Late enough to count as another Ctrl-C, and early enough to come before its end.
    await new Promise((resolve) => setTimeout(resolve, 300))
    inner.interrupt()
  },
  'it is interrupted during its runbook': async (inner) => {
    await inner.untilRunbook()
    inner.interrupt()
  },
  'it is killed during its runbook': async (inner) => {
    await inner.untilRunbook()
    inner.kill()
  },
  'it is killed with all its processes': async (inner) => {
    await inner.untilWaiting()
    inner.killGroup()
  },
}

When(
  'dr-drill runs these features at the same time on {engine}:',
  function (this: DrillWorld, engine: EngineName, table: DataTable) {
    const rows = table.raw().map(([feature = '', event = ''], index) => {
      const cause = events[event]
      if (cause === undefined) throw new Error(`unknown event "${event}". Known: ${Object.keys(events).join(', ')}.`)
      return { feature, cause, name: `drill ${index + 1}` }
    })
    return withEngine(this, engine, async () => {
      const ends = rows.map(async ({ feature, cause, name }) => {
        const inner = await start(this, engine, [feature], { name })
        await cause(inner)
        await inner.observeEnd()
      })
      await Promise.all(ends)
    })
  },
)

When(
  'an operator keeps the lab of {string} on {engine} and enters {string}',
  function (this: DrillWorld, feature: string, engine: EngineName, node: string) {
    return withEngine(this, engine, async () => {
      const inner = await start(this, engine, [feature, '--keep-lab'])
      await inner.observeExit()
      try {
        await inner.observeCommand(enteredMachine, (run) => ['shell', '--run', run, node, '--', 'hostname'])
      } finally {
        await inner.observeCommand(endOfKeptLab, (run) => ['clean', '--kept', run])
      }
      await inner.observeRest()
    })
  },
)

Then('the operator is on {string}', function (this: DrillWorld, name: string) {
  this.drill.judge(enteredMachine.is, { facts: name })
})

Then('the drill exits with {int}', function (this: DrillWorld, code: number) {
  this.drill.judge(drillExit.is, { facts: code })
})

Then('the drill is ended by {string}', function (this: DrillWorld, signal: string) {
  this.drill.judge(drillExit.is, { facts: signal })
})

Then('the drills end with:', function (this: DrillWorld, table: DataTable) {
  for (const [index, end = ''] of table.raw().flat().entries()) {
    const facts = /^\d+$/.test(end) ? Number(end) : end
    this.drill.judge(drillExit.is, { where: `drill ${index + 1}`, facts })
  }
})

Then('nothing is left of the drill(s)', function (this: DrillWorld) {
  this.drill.judge(leftOfDrill.is, { facts: [] })
})

Then('the journal of the/each drill is readable', function (this: DrillWorld) {
  this.drill.judge(journalIsReadable.is, { facts: true })
})

Then('the drill prints {string}', function (this: DrillWorld, text: string) {
  this.drill.judge(drillOutput.mentions, { text })
})
