import { backUp } from '../backup/backup.ts'
import type { ImageRecord } from '../backup/catalog.ts'
import { writeDecoys } from '../backup/decoy.ts'
import { type BackupPlan, planWorkloads, type Shape } from '../backup/plan.ts'
import { InputError, MachineError } from '../errors.ts'
import type { Fault } from '../fault/fault.ts'
import { siteLoss } from '../fault/site-loss.ts'
import { describeChain, describeImage, readOut } from '../image/qemu.ts'
import type { Lab, Site } from '../lab/lab.ts'
import type { Machine } from '../lab/machine.ts'
import { replicate } from '../lab/replicate.ts'
import { planTopology, type Topology, type TopologyInput } from '../lab/topology.ts'
import type { Evidence } from '../reason/evidence.ts'
import { apply } from '../recovery/apply.ts'
import { planBindMount } from '../recovery/plan.ts'
import { mountTableSubject } from '../report/failure.ts'
import { runBatch } from '../restore/batch.ts'
import { restore } from '../restore/restore.ts'
import type { User } from '../shell/shell.ts'
import { wrap } from '../shell/wrap.ts'
import { parseShare } from '../target/share.ts'
import type { Drill } from './drill.ts'
import type { JournalEvent, RestoreRecord } from './journal.ts'
import type { Labs } from './labs.ts'

/** Restores that were made together: what a claim about "every restore" is about. */
export interface RestoreSeries {
  readonly ids: readonly string[]
  /** `where` of each node that read out. */
  readonly nodes: readonly string[]
  readonly images: readonly ImageRecord[]
}

/** Bulk data of a machine goes here, on its data disk. */
const workDirectory = '/srv/work'

/**
 * What is done in a drill, in its own lab, with everything recorded: sites come up, back up and are lost, recovery is
 * carried out, restores are made. Steps of features are one line each over this.
 */
export class Rehearsal {
  readonly #drill: Drill
  readonly #labs: Labs
  #lab: Lab | undefined
  #primary: Site | undefined
  #current: Site | undefined
  readonly #images: ImageRecord[] = []
  #originPath: string | undefined
  #restores = 0
  #recovered = false

  constructor(drill: Drill, labs: Labs) {
    this.#drill = drill
    this.#labs = labs
  }

  get lab(): Lab {
    return this.#lab ?? missing('there is no lab yet: a site or a topology comes first')
  }

  /** The site that restores are made on: the one that came up last. */
  get site(): Site {
    return this.#current ?? missing('there is no site yet')
  }

  get images(): readonly ImageRecord[] {
    return this.#images
  }

  /** The mount path that is recorded in the images. */
  get originPath(): string {
    return this.#originPath ?? missing('nothing was backed up yet')
  }

  /** Brings everything of a topology up. */
  async bringUp(topology: Topology): Promise<void> {
    const lab = await this.#drill.during('provision', async () => {
      this.#lab ??= await this.#labs.openLab(this.#drill)
      await this.#lab.add(topology)
      return this.#lab
    })
    for (const { name } of topology.sites) this.#current = lab.site(name)
    this.#primary ??= this.#current
  }

  /** A site that mounts shares, the first of them with its backups: an appliance and so many computes. */
  async addSite(name: string, shares: readonly string[], computes: number): Promise<void> {
    await this.bringUp(planTopology(siteOf(name, shares, computes)))
  }

  /** `compute-1` of the site that restores are made on, or `primary/compute-1`. */
  node(name: string): Machine {
    return this.lab.machine(name.includes('/') ? name.replace('/', '-') : `${this.site.plan.name}-${name}`)
  }

  /** The primary site's product takes a full snapshot and incremental ones of a workload of its own. */
  async backUp(name: string, vms: number, disksOfEach: number, snapshots: number): Promise<void> {
    const site = this.#primary ?? missing('there is no site that backs up yet')
    const [compute] = site.computes
    if (compute === undefined) throw new InputError(`the site ${site.plan.name} has no compute`)
    const { mountPath } = firstShare(site)
    this.#originPath = mountPath
    const options = {
      user: site.plan.user,
      mountPath,
      workDirectory: `${workDirectory}/${name}`,
      plan: planOf(name, vms, disksOfEach, site.plan.version),
      snapshots,
      signal: this.#drill.signal,
      onImage: (image: ImageRecord) => {
        this.#images.push(image)
        this.#drill.journal.append({ kind: 'backup', image, originPath: mountPath, site: site.plan.name })
      },
    }
    await this.#drill.during('back up', () => backUp(compute.shell, options))
  }

  /** Another site with a replica of the primary site's share, and other shares beside it. */
  async addReplicaSite(name: string, share: string, computes: number, others: readonly string[] = []): Promise<void> {
    await this.addSite(name, [share, ...others], computes)
    const original = firstShare(this.#primary ?? missing('there is nothing to replicate yet')).share
    const copy = parseShare(share)
    await this.#drill.during('back up', () =>
      replicate(
        { server: this.lab.server(original.host), path: original.path },
        { server: this.lab.server(copy.host), path: copy.path },
      ),
    )
  }

  /** The site burns down, and that it did is seen from where restores will be made. */
  async lose(name: string): Promise<void> {
    await this.#drill.during('disaster', () => this.inject(siteLoss(name, this.site.appliance.name)))
  }

  /** Breaks something, and makes sure that it is broken. */
  async inject(fault: Fault): Promise<void> {
    await fault.inject(this.lab)
    const { tookEffect, facts } = await fault.observe(this.lab)
    this.#drill.journal.append({ kind: 'fault', fault: fault.name, subject: fault.subject, proof: facts })
    if (!tookEffect)
      throw new MachineError(
        'fault-without-effect',
        `${fault.name} of ${fault.subject} had no effect: ${JSON.stringify(facts)}`,
      )
  }

  /** Carries the documented recovery out on nodes: directory, bind and, when asked, the line in fstab. */
  async bind(
    nodes: readonly Machine[],
    { persist = false, share }: { persist?: boolean; share?: string } = {},
  ): Promise<void> {
    const mounted = this.site.plan.shares.find((one) => share === undefined || one.share.text === share)
    if (mounted === undefined) throw new InputError(`the site ${this.site.plan.name} does not mount ${share}`)
    const actions = planBindMount({ local: mounted.mountPath, origin: this.originPath, persist })
    await this.#drill.during('recover', () =>
      allSettled(nodes, (node) =>
        apply(node.shell, actions, ({ where, action, before, inverse }, outcome) =>
          this.#drill.journal.append({ kind: 'action', where, action: { ...action, before, inverse }, outcome }),
        ),
      ),
    )
    this.#recovered = true
  }

  /** Restores images on nodes, every one on every node. */
  async restore(images: readonly ImageRecord[], nodes: readonly Machine[]): Promise<RestoreSeries> {
    if (images.length === 0) throw new InputError('no such snapshot was backed up')
    const phase = this.#recovered ? 'restore' : 'baseline'
    const { appliance, plan } = this.site
    const { mountPath } = firstShare(this.site)
    const restoreOn = async (node: Machine): Promise<readonly string[]> => {
      await this.#makeWorkDirectory(node)
      const restored = await restore(images, {
        site: plan.name,
        appliance: appliance.shell,
        node: node.shell,
        user: plan.user,
        mountPath,
        workDirectory: `${workDirectory}/restore`,
        signal: this.#drill.signal,
        nextId: () => `r${++this.#restores}`,
      })
      for (const { record, evidence } of restored) {
        for (const event of failedCommands(record, evidence, `${mountPath}/${record.image.path}`, plan.user))
          this.#drill.journal.append(event)
        this.#drill.journal.append({ kind: 'restore', restore: record, evidence })
      }
      const seen = restored.find(({ evidence }) => evidence.observation !== undefined)?.evidence.observation
      if (seen !== undefined)
        this.#drill.journal.append({
          kind: 'observation',
          subject: mountTableSubject,
          where: seen.where,
          facts: seen.mounts,
        })
      return restored.map(({ record }) => record.id)
    }
    const done = await this.#drill.during(phase, () => allSettled(nodes, restoreOn))
    return { ids: done.flat(), nodes: nodes.map(({ where }) => where), images }
  }

  /** Asks `qemu-img info` about every image on a node, as the product's user, and records what it says. */
  async lookWithQemuImg(node: Machine): Promise<void> {
    const { mountPath } = firstShare(this.site)
    const jobs = this.#images.map(({ path }) => ({ id: path, argv: describeImage(`${mountPath}/${path}`) }))
    const outcomes = await runBatch(node.shell, jobs, { part: 'sizing', user: this.site.plan.user, stallMs: 30_000 })
    for (const [image, { attempt }] of outcomes) {
      const facts = { image, exitCode: attempt.exitCode, stderr: attempt.stderr }
      this.#drill.journal.append({ kind: 'observation', subject: 'qemu-img info', where: node.where, facts })
    }
  }

  /** Runs something on nodes and records what it printed, as facts under a subject. */
  async observe(
    subject: string,
    nodes: readonly Machine[],
    script: string,
    args: readonly string[] = [],
  ): Promise<void> {
    await allSettled(nodes, async (node) => {
      const { stdout } = await node.shell.run({ script, args })
      this.#drill.journal.append({ kind: 'observation', subject, where: node.where, facts: stdout.trim() })
    })
  }

  async reboot(nodes: readonly Machine[]): Promise<void> {
    await allSettled(nodes, (node) => node.reboot())
  }

  /** Off without a warning, and on again. */
  async cutPower(nodes: readonly Machine[]): Promise<void> {
    await allSettled(nodes, (node) => node.powerCut())
    await allSettled(nodes, (node) => node.start())
  }

  /** Fills a share with other images of the same names as those that were backed up. */
  async writeDecoys(share: string): Promise<void> {
    const { host, path } = parseShare(share)
    await writeDecoys(this.lab.server(host).shell, { user: this.site.plan.user, directory: path, images: this.#images })
  }

  async #makeWorkDirectory(node: Machine): Promise<void> {
    const { uid, gid } = this.site.plan.user
    await node.shell.run([
      'install',
      '-d',
      '-m',
      '700',
      '-o',
      `${uid}`,
      '-g',
      `${gid}`,
      workDirectory,
      `${workDirectory}/restore`,
    ])
  }
}

function siteOf(name: string, shares: readonly string[], computes: number): TopologyInput {
  const numbered = Array.from({ length: computes }, (_, index) => `compute-${index + 1}`)
  return {
    shares: shares.map((share) => ({ share })),
    sites: [
      {
        name,
        distribution: 'juju',
        version: '4.1',
        shares: [...shares],
        nodes: [
          { name: 'appliance', role: 'appliance' },
          ...numbered.map((node) => ({ name: node, role: 'compute' as const })),
        ],
      },
    ],
  }
}

function planOf(name: string, vms: number, disksOfEach: number, productVersion: string): BackupPlan {
  const devices = Array.from({ length: disksOfEach }, (_, index) => `vd${String.fromCharCode(97 + index)}`)
  const shape: Shape = [
    { name, vms: Array.from({ length: vms }, (_, index) => ({ name: `${name}-${index + 1}`, devices })) },
  ]
  return planWorkloads(name, { workloads: shape, productVersion })
}

function firstShare(site: Site): Site['plan']['shares'][number] {
  return site.plan.shares[0] ?? missing(`the site ${site.plan.name} mounts no share`)
}

/** On all nodes at once. One node's failure leaves the others to finish; then the first one is thrown. */
async function allSettled<T>(nodes: readonly Machine[], act: (node: Machine) => Promise<T>): Promise<readonly T[]> {
  if (nodes.length === 0) throw new InputError('there is no such node')
  const outcomes = await Promise.allSettled(nodes.map(act))
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  })
}

/** The commands of a restore that did not succeed: they ran in a batch with others, and each is to be found by itself. */
function failedCommands(
  { durationMs }: RestoreRecord,
  { attempts }: Evidence,
  image: string,
  user: User,
): readonly JournalEvent[] {
  return attempts
    .filter(({ ended, exitCode }) => ended !== 'not tried' && exitCode !== 0)
    .map(({ part, where, ended, exitCode, stderr }) => {
      const argv = part === 'sizing' ? describeChain(image) : readOut(image, `${workDirectory}/restored.raw`)
      const { command } = wrap(argv, { user })
      return { kind: 'command', where, command, user, ended, exitCode, stdout: '', stderr, durationMs }
    })
}

function missing(what: string): never {
  throw new InputError(what)
}
