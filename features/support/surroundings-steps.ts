// Inner runs on machines and engines that lack something.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Then, When } from '@cucumber/cucumber'
import type { EngineName } from '../../src/lab/engine/engine.ts'
import { openEngine } from '../../src/lab/engine/open-engine.ts'
import type { DrillWorld } from '../../steps/support/world.ts'
import { DrillProcess } from './drill-process.ts'
import { EngineProxy, type Manner, mannerOf } from './engine-proxy.ts'
import { reportsFolder, start, withEngine } from './harness-steps.ts'
import { doctorExit, doctorOutput, wasInstalled } from './observations.ts'
import {
  asOrdinaryBuilder,
  asOrdinaryUser,
  fillDisk,
  type Surroundings,
  withDisk,
  withoutContainerEngine,
  withoutNamespaces,
} from './surroundings.ts'
import { ToolProcess } from './tool-process.ts'

async function runBehindProxy(world: DrillWorld, feature: string, atFirst: Manner, later: Manner): Promise<void> {
  const engine = world.drill.own(await EngineProxy.start(temporaryFolder(world)))
  engine.manner = atFirst
  const inner = await start(world, 'container', [feature], { environment: { DOCKER_HOST: engine.address } })
  if (later !== atFirst) {
    await inner.untilWaiting()
    engine.manner = later
  }
  await inner.observeEnd()
}

When(
  'dr-drill runs {string} on a container engine that answers {string}',
  function (this: DrillWorld, feature: string, words: string) {
    const manner = mannerOf(words)
    return withEngine(this, 'container', () => runBehindProxy(this, feature, manner, manner))
  },
)

When(
  'dr-drill runs {string} on a container engine that answers {string} after a while',
  function (this: DrillWorld, feature: string, words: string) {
    const manner = mannerOf(words)
    return withEngine(this, 'container', () => runBehindProxy(this, feature, 'well', manner))
  },
)

When(
  'dr-drill runs {string} on {engine} and the hub of its lab is killed',
  function (this: DrillWorld, feature: string, name: EngineName) {
    return withEngine(this, name, async () => {
      const inner = await start(this, name, [feature])
      await inner.untilWaiting()
      const engine = await openEngine(name)
      const hubs = (await engine.residue()).filter((one) => one.run === inner.run && one.name === 'hub')
      if (hubs.length !== 1) throw new Error(`expected one hub, found ${hubs.length}`)
      for (const hub of hubs) await engine.remove(hub)
      await inner.observeEnd()
    })
  },
)

When(
  'dr-drill runs {string} on a container engine with {int} MiB of memory',
  function (this: DrillWorld, feature: string, memoryMib: number) {
    return withEngine(this, 'container', async () => {
      const engine = this.drill.own(await EngineProxy.start(temporaryFolder(this)))
      engine.claims = { MemTotal: memoryMib * 2 ** 20 }
      const environment = { DOCKER_HOST: engine.address }
      await (await start(this, 'container', [feature], { environment })).observeEnd()
    })
  },
)

When(
  'dr-drill runs {string} on a container engine with a disk of {int} MiB',
  function (this: DrillWorld, feature: string, sizeMib: number) {
    return withEngine(this, 'container', async () => {
      const [engine, folder] = [this.drill.own(await EngineProxy.start(temporaryFolder(this))), temporaryFolder(this)]
      engine.claims = { DockerRootDir: folder }
      const surroundings = { ...withDisk(folder, sizeMib * 1024), environment: { DOCKER_HOST: engine.address } }
      await (await start(this, 'container', [feature], surroundings)).observeEnd()
    })
  },
)

When(
  'dr-drill runs {string} on a container engine that does not exist',
  async function (this: DrillWorld, feature: string) {
    const before = lastInstallation()
    await (await start(this, 'container', [feature], withoutContainerEngine)).observeEnd()
    wasInstalled.record(this.drill.journal, 'localhost', lastInstallation() !== before)
  },
)

Then('nothing is installed', function (this: DrillWorld) {
  this.drill.judge(wasInstalled.is, { facts: false })
})

When(
  'dr-drill runs {string} without --engine where no container engine answers',
  async function (this: DrillWorld, feature: string) {
    const options = { ...withoutContainerEngine, reports: reportsFolder(this), args: [feature] }
    await (await DrillProcess.start(this.drill, options)).observeEnd()
  },
)

async function runBy(world: DrillWorld, feature: string, user: Surroundings, reports: string): Promise<unknown> {
  using version = new ToolProcess(['--version'], user)
  if ((await version.ended) !== 0) return world.drill.notRun(`no other user can run dr-drill here: ${version.output}`)
  const inner = await DrillProcess.start(world.drill, { ...user, reports, args: [feature] })
  return inner.observeEnd()
}

When('an ordinary user runs {string}', function (this: DrillWorld, feature: string) {
  return withEngine(this, 'embedded', async () => {
    const image = await (await openEngine('embedded')).image()
    const [folder, reports] = [temporaryFolder(this), reportsFolder(this)]
    const user = process.getuid?.() === 0 ? asOrdinaryUser(folder, image ?? '', reports) : {}
    return runBy(this, feature, user, reports)
  })
})

When('an ordinary user without a guest image runs {string}', function (this: DrillWorld, feature: string) {
  const [folder, reports] = [temporaryFolder(this), reportsFolder(this)]
  const ourselves = { environment: { XDG_CACHE_HOME: folder } }
  return runBy(this, feature, process.getuid?.() === 0 ? asOrdinaryBuilder(folder, reports) : ourselves, reports)
})

When(
  'dr-drill runs {string} on the embedded engine without user namespaces',
  async function (this: DrillWorld, feature: string) {
    await (await start(this, 'embedded', [feature], withoutNamespaces)).observeEnd()
  },
)

When(
  'dr-drill runs {string} on the embedded engine with a disk of {int} MiB for its lab',
  async function (this: DrillWorld, feature: string, sizeMib: number) {
    const folder = temporaryFolder(this)
    const surroundings = { ...withDisk(folder, sizeMib * 1024), environment: { TMPDIR: folder } }
    await (await start(this, 'embedded', [feature], surroundings)).observeEnd()
  },
)

When(
  'dr-drill runs {string} on the embedded engine and the disk of its lab fills up',
  async function (this: DrillWorld, feature: string) {
    const folder = temporaryFolder(this)
    const surroundings = { ...withDisk(folder, 3 * 2 ** 20), environment: { TMPDIR: folder } }
    const inner = await start(this, 'embedded', [feature], surroundings)
    await inner.untilWaiting()
    await fillDisk(inner.pid, folder)
    await inner.observeEnd()
  },
)

When(
  'dr-drill runs {string} on the embedded engine with a disk of {int} KiB for its reports',
  async function (this: DrillWorld, feature: string, sizeKib: number) {
    const reports = reportsFolder(this)
    await (await start(this, 'embedded', [feature], { ...withDisk(reports, sizeKib), reports })).observeEnd()
  },
)

When(
  'dr-drill runs {string} on the embedded engine with {string} as {word}',
  async function (this: DrillWorld, feature: string, folder: string, variable: string) {
    await (await start(this, 'embedded', [feature], { environment: { [variable]: folder } })).observeEnd()
  },
)

When('doctor checks the embedded engine without user namespaces', async function (this: DrillWorld) {
  using doctor = new ToolProcess(['doctor', '--engine', 'embedded'], withoutNamespaces)
  doctorExit.record(this.drill.journal, 'localhost', await doctor.ended)
  doctorOutput.record(this.drill.journal, 'localhost', doctor.output)
})

Then('doctor exits with {int}', function (this: DrillWorld, facts: number) {
  this.drill.judge(doctorExit.is, { facts })
})

Then('doctor prints {string}', function (this: DrillWorld, text: string) {
  this.drill.judge(doctorOutput.mentions, { text })
})

/** The time of the last installation by dpkg. Undefined on machines without dpkg. */
function lastInstallation(): number | undefined {
  return statSync('/var/lib/dpkg/status', { throwIfNoEntry: false })?.mtimeMs
}

function temporaryFolder({ drill }: DrillWorld): string {
  const path = mkdtempSync(join(tmpdir(), 'dr-drill-'))
  drill.own({ [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) })
  return path
}
