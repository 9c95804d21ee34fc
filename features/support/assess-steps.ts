// Creates, damages and assesses a target with the tool, as a process of its own. Requires no lab.
import { type DataTable, Given, Then, When } from '@cucumber/cucumber'
import { parseShare, readShapeTable } from '../../src/index.ts'
import { toolInGuest } from '../../src/lab/tool/tool-disk.ts'
import type { DrillWorld } from '../../steps/support/world.ts'
import { AssessedTarget, type AssessmentFacts, factsOf, readAssessment, recordAssessment } from './assessed-target.ts'
import { damages } from './damages.ts'
import {
  assessedStates,
  assessmentExit,
  assessmentOf,
  assessmentOutput,
  chainStates,
  changesOnTarget,
  findingCodes,
  neededOriginPaths,
} from './observations.ts'

const targets = new WeakMap<DrillWorld, AssessedTarget>()

function targetOf(world: DrillWorld): AssessedTarget {
  const target = targets.get(world)
  if (target === undefined) throw new Error('no target was created yet')
  return target
}

async function create(
  world: DrillWorld,
  shape: Readonly<Record<string, string>>,
  options: readonly string[] = [],
): Promise<void> {
  const target = world.drill.own(new AssessedTarget(world.drill))
  targets.set(world, target)
  await target.create(shape, options)
}

Given('a target of this shape:', function (this: DrillWorld, table: DataTable) {
  return create(this, table.rowsHash())
})

Given('a target of one disk in {int} snapshots', function (this: DrillWorld, snapshots: number) {
  return create(this, { workloads: '1', vms: '1', disks: '1', snapshots: String(snapshots) })
})

Given('a target with data of one disk in {int} snapshots', function (this: DrillWorld, snapshots: number) {
  const shape = { workloads: '1', vms: '1', disks: '1', 'disk-size': '1GiB', snapshots: String(snapshots) }
  return create(this, shape, ['--with-data'])
})

Given('image {int} of its chain is {string}', async function (this: DrillWorld, link: number, words: string) {
  const damage = damages[words]
  if (damage === undefined) throw new Error(`unknown damage "${words}". Known: ${Object.keys(damages).join(', ')}`)
  const target = targetOf(this)
  const chain = await target.chain()
  const image = chain[link - 1]
  if (image === undefined) throw new Error(`its chain has ${chain.length} images`)
  damage(image, chain)
})

When('the target is assessed', function (this: DrillWorld) {
  return targetOf(this).assess([])
})

When('the target is assessed with {string}', function (this: DrillWorld, options: string) {
  return targetOf(this).assess(options.split(' '))
})

When(
  'the target is assessed for {word} {word} with the share {string}',
  function (this: DrillWorld, distribution: string, version: string, share: string) {
    return targetOf(this).assess(['--distribution', distribution, '--version', version, '--share', share])
  },
)

When('the target is assessed with {string} bound to it', function (this: DrillWorld, originPath: string) {
  return targetOf(this).assessWhere(originPath)
})

/** Assesses as the product's user, who alone may read the share. */
async function assessOn(world: DrillWorld, share: string, nodeName: string, options: readonly string[] = []) {
  const { where, facts } = await assessmentOn(world, share, nodeName, options)
  recordAssessment(world.drill.journal, where, facts)
}

async function assessmentOn(
  world: DrillWorld,
  share: string,
  nodeName: string,
  options: readonly string[] = [],
): Promise<{ readonly where: string; readonly facts: AssessmentFacts }> {
  const node = world.rehearsal.node(nodeName)
  const { shares, user } = world.rehearsal.lab.siteOf(node).plan
  const mountPath = shares.find((one) => one.share.text === share)?.mountPath
  if (mountPath === undefined) throw new Error(`${nodeName} does not mount ${share}`)
  const argv = [toolInGuest, 'assess', mountPath, '--json', ...options] as const
  // In a folder that the user may enter: Node starts no program elsewhere.
  const { stdout, exitCode } = await node.service.try(argv, { user, cwd: '/', deadlineMs: 300_000 })
  return { where: node.where, facts: factsOf({ ...readAssessment(stdout), exit: exitCode ?? 'unknown' }) }
}

When(
  'these targets are assessed on {string}, one after another on the share {share}:',
  async function (this: DrillWorld, nodeName: string, share: string, table: DataTable) {
    const { lab } = this.rehearsal
    const { host, path } = parseShare(share)
    for (const { target = '', shape = '' } of table.hashes()) {
      await lab.server(host).shell.run(['find', path, '-mindepth', '1', '-delete'])
      await this.rehearsal.shares.writeTarget(
        share,
        readShapeTable(Object.fromEntries(shape.split(', ').map((one) => one.split(' ')))),
      )
      // The node caches the previous target of the share.
      await this.rehearsal.node(nodeName).shell.run({ script: 'echo 3 >/proc/sys/vm/drop_caches' })
      const { where, facts } = await assessmentOn(this, share, nodeName)
      const counts = Object.entries(facts.states ?? {}).filter(([, count]) => count > 0)
      assessmentOf(target).record(this.drill.journal, where, {
        restores: counts.map(([state, count]) => `${count} ${state}`).join(', '),
        findings: facts.findings ?? 'none printed',
        'exit code': `${facts.exit}`,
      })
    }
  },
)

Then('the assessments of these targets are:', function (this: DrillWorld, table: DataTable) {
  for (const { target = '', ...facts } of table.hashes()) this.drill.judge(assessmentOf(target).is, { facts })
})

When('the share {share} is assessed on {string}', function (this: DrillWorld, share: string, node: string) {
  return assessOn(this, share, node)
})

When(
  'the share {share} is assessed on {string} with {string}',
  function (this: DrillWorld, share: string, node: string, options: string) {
    return assessOn(this, share, node, options.split(' '))
  },
)

Then('the restores are:', function (this: DrillWorld, table: DataTable) {
  const counts = Object.fromEntries(Object.entries(table.rowsHash()).map(([state, count]) => [state, Number(count)]))
  const facts = { restorable: 0, 'after-recovery': 0, 'with-secret': 0, broken: 0, unknown: 0, ...counts }
  this.drill.judge(assessedStates.is, { facts })
})

Then('all {int} restores are {string}', function (this: DrillWorld, count: number, state: string) {
  const facts = { restorable: 0, 'after-recovery': 0, 'with-secret': 0, broken: 0, unknown: 0, [state]: count }
  this.drill.judge(assessedStates.is, { facts })
})

Then('the images of its chain are {string}', function (this: DrillWorld, states: string) {
  this.drill.judge(chainStates.is, { facts: states })
})

Then('the findings are {string}', function (this: DrillWorld, codes: string) {
  const facts = codes.split(', ').toSorted().join(', ')
  this.drill.judge(findingCodes.is, { facts })
})

Then('there are no findings', function (this: DrillWorld) {
  this.drill.judge(findingCodes.is, { facts: '' })
})

Then('these origin paths are needed:', function (this: DrillWorld, table: DataTable) {
  const facts = table.rows().map(([path, share, images]) => `${path} of ${share} for ${images}`)
  this.drill.judge(neededOriginPaths.is, { facts })
})

Then('no origin path is needed', function (this: DrillWorld) {
  this.drill.judge(neededOriginPaths.is, { facts: [] })
})

Then('the assessment exits with {int}', function (this: DrillWorld, code: number) {
  this.drill.judge(assessmentExit.is, { facts: code })
})

Then('the assessment prints {string}', function (this: DrillWorld, text: string) {
  this.drill.judge(assessmentOutput.mentions, { text })
})

Then('nothing on the target has changed', function (this: DrillWorld) {
  this.drill.judge(changesOnTarget.is, { facts: [] })
})
