// Labs that outlive a run: `lab up`, `lab list`, `lab down`.
import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type DataTable, Then, When } from '@cucumber/cucumber'
import { until } from '../../src/concurrency/deadline.ts'
import type { EngineName } from '../../src/lab/engine/engine.ts'
import { openEngine } from '../../src/lab/engine/open-engine.ts'
import { keptLabs } from '../../src/lab/registry/kept-lab.ts'
import { Ledger } from '../../src/lab/registry/ledger.ts'
import { residueOf } from '../../src/lab/registry/residue.ts'
import type { DrillWorld } from '../../steps/support/world.ts'
import { withEngine } from './harness-steps.ts'
import { labExit, leftOfLab, printedBy } from './observations.ts'
import { ToolProcess } from './tool-process.ts'

interface Up {
  readonly run: string
  readonly folder: string
}

/** The arguments of `lab up` for a topology file, or for the name of an exercise. */
const sourceOf = (lab: string): readonly string[] => (lab.endsWith('.yaml') ? [lab] : ['--break', lab])

/** Brings up a lab that is removed at the end of the drill, however that ends. */
async function bringUp(world: DrillWorld, lab: string, engine: EngineName): Promise<Up> {
  const up = world.drill.own(new ToolProcess(['lab', 'up', ...sourceOf(lab), '--engine', engine, '--json']))
  world.drill.own({
    [Symbol.asyncDispose]: async () => {
      const ledger = new Ledger()
      for (const { run, owner } of await keptLabs(ledger))
        if (up.output.includes(run)) process.kill(owner.pid, 'SIGTERM')
    },
  })
  const exitCode = await up.ended
  const json = up.output.split('\n').find((line) => line.startsWith('{'))
  if (exitCode !== 0 || json === undefined) throw new Error(`lab up ended with ${exitCode}: ${up.output}`)
  return JSON.parse(json) as Up
}

When(
  'an operator brings up a lab of {string} on {engine} and runs these commands:',
  function (this: DrillWorld, topology: string, engine: EngineName, table: DataTable) {
    return withEngine(this, engine, async () => {
      const { run, folder } = await bringUp(this, topology, engine)
      for (const [name = '', line = ''] of table.raw()) {
        const command = line.replaceAll('FOLDER', folder)
        const { stdout, stderr } = await promisify(execFile)('sh', ['-c', command]).catch((error) => error)
        printedBy(name).record(this.drill.journal, 'localhost', `${stdout}${stderr}`.trim())
      }
      using down = new ToolProcess(['lab', 'down', run])
      await down.ended
      await observeRest(this, run, engine)
    })
  },
)

When(
  'an operator brings up a lab of {string} on {engine} and interrupts it',
  function (this: DrillWorld, topology: string, engine: EngineName) {
    return withEngine(this, engine, async () => {
      const before = new Set((await new Ledger().read()).map(({ run }) => run))
      using up = new ToolProcess(['lab', 'up', ...sourceOf(topology), '--engine', engine])
      const options = { deadlineMs: 300_000, intervalMs: 20, signal: this.drill.signal }
      const run = await until(
        'three machines of the lab',
        async () => (await new Ledger().read()).find((one) => !before.has(one.run) && one.machines.length > 2)?.run,
        options,
      )
      up.signal('SIGINT')
      labExit.record(this.drill.journal, 'localhost', await up.ended)
      await observeRest(this, run, engine)
    })
  },
)

When(
  'an operator brings up a lab of {string} on {engine} and its holder is killed',
  function (this: DrillWorld, topology: string, engine: EngineName) {
    return withEngine(this, engine, async () => {
      const { run } = await bringUp(this, topology, engine)
      const holder = (await keptLabs(new Ledger())).find((one) => one.run === run)
      if (holder === undefined) throw new Error(`the lab ${run} has no holder`)
      process.kill(holder.owner.pid, 'SIGKILL')
      await observeRest(this, run, engine)
      using clean = new ToolProcess(['clean'])
      await clean.ended
    })
  },
)

Then('the command {string} prints {string}', function (this: DrillWorld, name: string, text: string) {
  this.drill.judge(printedBy(name).mentions, { text })
})

Then('the lab exits with {int}', function (this: DrillWorld, exitCode: number) {
  this.drill.judge(labExit.is, { facts: exitCode })
})

Then('nothing is left of the lab', function (this: DrillWorld) {
  this.drill.judge(leftOfLab.is, { facts: [] })
})

/** Records what is left of a lab: as soon as nothing is left, or after 30 s. */
async function observeRest(world: DrillWorld, run: string, engineName: EngineName): Promise<void> {
  const engine = await openEngine(engineName)
  const look = async () => {
    // Mounts may belong to other drills.
    const found = (await residueOf(run, new Set(), engine)).filter(({ kind }) => kind !== 'mount')
    const folders = readdirSync(tmpdir()).filter((name) => name.includes(run))
    const files = ['labs', 'exercises'].map((folder) => join(new Ledger().folder, '..', folder, run))
    return [...found.map(({ kind, name }) => `${kind} ${name}`), ...folders, ...files.filter((one) => existsSync(one))]
  }
  const nothing = async () => ((await look()).length === 0 ? [] : undefined)
  const left = await until('everything to be removed', nothing, { deadlineMs: 30_000, intervalMs: 200 }).catch(look)
  leftOfLab.record(world.drill.journal, 'localhost', left)
}
