import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Then, When } from '@cucumber/cucumber'
import { mentioned, observed, runOf } from '../../src/index.ts'
import type { DrillWorld } from '../../steps/support/world.ts'
import { DrillProcess } from './drill-process.ts'
import { EngineProxy } from './engine-proxy.ts'

let count = 0

function start(world: DrillWorld, ...features: readonly string[]): Promise<DrillProcess> {
  const parallel = features.length > 1 ? ['--parallel', `${features.length}`] : []
  return DrillProcess.start(world.drill, runOf(world.parameters).file(`inner-${++count}`), [...features, ...parallel])
}

When('a drill of {string} is run', async function (this: DrillWorld, feature: string) {
  await (await start(this, feature)).observeEnd()
})

When('a drill of {string} is interrupted in the middle', async function (this: DrillWorld, feature: string) {
  const inner = await start(this, feature)
  await inner.untilWaiting()
  inner.interrupt('SIGINT')
  await inner.observeEnd()
})

When('a drill of {string} is interrupted twice', async function (this: DrillWorld, feature: string) {
  const inner = await start(this, feature)
  await inner.untilWaiting()
  inner.interrupt('SIGINT')
  await new Promise((resolve) => setTimeout(resolve, 300))
  inner.interrupt('SIGINT')
  await inner.observeEnd()
})

When(
  'drills of {string} and {string} are run side by side',
  async function (this: DrillWorld, one: string, other: string) {
    await (await start(this, one, other)).observeEnd()
  },
)

When(
  'drills of {string} and {string} side by side are interrupted in the middle',
  async function (this: DrillWorld, one: string, other: string) {
    const inner = await start(this, one, other)
    await inner.untilWaiting(2)
    inner.interrupt('SIGINT')
    await inner.observeEnd()
  },
)

When(
  'drills of {string} and {string} are run side by side, and the process that waits is killed',
  async function (this: DrillWorld, one: string, other: string) {
    const inner = await start(this, one, other)
    await inner.untilWaiting()
    await inner.killWaitingWorker()
    await inner.observeEnd()
  },
)

When(
  'drills of {string} and {string} side by side lose the process that was started first',
  async function (this: DrillWorld, one: string, other: string) {
    const inner = await start(this, one, other)
    await inner.untilWaiting(2)
    inner.kill()
    await inner.observeEnd()
  },
)

When(
  'a drill of {string} is killed in the middle, with all of its processes',
  async function (this: DrillWorld, feature: string) {
    const inner = await start(this, feature)
    await inner.untilWaiting()
    inner.killGroup()
    await inner.observeEnd()
  },
)

When('a drill of {string} loses its engine in the middle', async function (this: DrillWorld, feature: string) {
  const folder = this.drill.own(temporaryFolder())
  const engine = this.drill.own(await EngineProxy.start(folder.path))
  const reports = runOf(this.parameters).file(`inner-${++count}`)
  const inner = await DrillProcess.start(this.drill, reports, [feature], { DOCKER_HOST: engine.address })
  await inner.untilWaiting()
  engine.fallSilent()
  await inner.observeEnd()
})

When(
  'a drill of {string} keeps its lab, and {string} is entered',
  async function (this: DrillWorld, feature: string, node: string) {
    const reports = runOf(this.parameters).file(`inner-${++count}`)
    const inner = await DrillProcess.start(this.drill, reports, [feature, '--keep-lab'])
    await inner.observeExit()
    try {
      await inner.observeCommand('the name of the machine', (run) => ['shell', '--run', run, node, '--', 'hostname'])
    } finally {
      await inner.observeCommand('the end of the lab', (run) => ['clean', '--kept', run])
    }
    await inner.observeRest()
  },
)

Then('the machine that was entered is {string}', function (this: DrillWorld, name: string) {
  this.drill.judge(observed, { subject: 'the name of the machine', facts: name })
})

When('the drill goes on after a moment', async function (this: DrillWorld) {
  this.drill.journal.append({ kind: 'observation', subject: 'waiting', where: 'localhost', facts: true })
  await new Promise((resolve) => setTimeout(resolve, 2_000))
})

When('the drill waits to be ended', async function (this: DrillWorld) {
  this.drill.journal.append({ kind: 'observation', subject: 'waiting', where: 'localhost', facts: true })
  // Nothing but a timer keeps the process up while it waits for a signal.
  const timer = setInterval(() => {}, 1000)
  const { signal } = this.drill
  await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))).finally(() =>
    clearInterval(timer),
  )
})

When('something unforeseen happens', () => {
  throw new TypeError('something unforeseen')
})

Then('the drill exits with {int}', function (this: DrillWorld, code: number) {
  this.drill.judge(observed, { subject: 'how the drill ended', facts: code })
})

Then('the drill was ended by {string}', function (this: DrillWorld, signal: string) {
  this.drill.judge(observed, { subject: 'how the drill ended', facts: signal })
})

Then('nothing is left of the drill', function (this: DrillWorld) {
  this.drill.judge(observed, { subject: 'what is left of the drill', facts: [] })
})

Then('nothing of the drill is left in the ledger', function (this: DrillWorld) {
  this.drill.judge(observed, { subject: 'what is left in the ledger', facts: [] })
})

Then('the reports of the drill tell of {int} scenarios', function (this: DrillWorld, scenarios: number) {
  this.drill.judge(observed, { subject: 'scenarios in its reports', facts: [scenarios, scenarios, scenarios] })
})

Then('the journal of the drill is readable', function (this: DrillWorld) {
  this.drill.judge(observed, { subject: 'its journal', facts: true })
})

Then('the drill says {string}', function (this: DrillWorld, text: string) {
  this.drill.judge(mentioned, { subject: 'what the drill said', text })
})

function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'dr-drill-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}
