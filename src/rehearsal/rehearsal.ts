import type { ImageRecord } from '../backup/catalog.ts'
import { writeDecoys } from '../backup/decoy.ts'
import type { Drill } from '../drill/drill.ts'
import { InputError, MachineError } from '../errors.ts'
import type { Fault } from '../fault/fault.ts'
import type { MountPathWork } from '../fault/operator-mistake.ts'
import { siteLoss } from '../fault/site-loss.ts'
import { describeImage } from '../image/qemu.ts'
import type { Lab } from '../lab/lab.ts'
import type { Machine } from '../lab/machine/machine.ts'
import { replicate } from '../lab/machine/replicate.ts'
import type { Site } from '../lab/site.ts'
import { planTopology, type Topology } from '../lab/topology/topology.ts'
import { runBatch } from '../restore/batch.ts'
import type { User } from '../shell/shell.ts'
import { parseShare } from '../target/share.ts'
import type { AnyObservation } from '../verdict/observation/define-observation.ts'
import { toolRuns } from '../verdict/observation/tool-run.ts'
import { type BackupScale, Backups } from './backups.ts'
import type { Knowledge } from './checkpoints.ts'
import { type GeneratedTarget, putTarget } from './generated-target.ts'
import { Holdings } from './holdings.ts'
import type { Labs } from './labs.ts'
import { onAll } from './on-all.ts'
import { handWorkOf } from './operator.ts'
import { type BindChoice, Recovery } from './recovery.ts'
import { type RestoreSeries, Restores } from './restores.ts'
import { Runbooks } from './runbook.ts'
import { SharedBackground } from './shared-background.ts'
import { type SiteSpec, siteInput } from './site-spec.ts'

/** Bulk data of a machine goes here, on its data disk. */
const workDirectory = '/srv/work'

/**
 * What is done in a drill, in its own lab, with everything recorded: sites come up, back up and are lost, recovery is
 * carried out, restores are made. Steps of features are one line each over this.
 */
export class Rehearsal {
  readonly #drill: Drill
  readonly #labs: Labs
  readonly #holdings = new Holdings()
  /** What is done to nodes so that origin paths lead to the data. */
  readonly recovery: Recovery
  /** Anyone's own way to do it. */
  readonly runbooks: Runbooks
  readonly #restores: Restores
  readonly #backups: Backups
  readonly #background: SharedBackground
  #lab: Lab | undefined
  #primary: string | undefined
  #current: string | undefined

  constructor(drill: Drill, labs: Labs) {
    this.#drill = drill
    this.#labs = labs
    this.recovery = new Recovery(drill, this.#holdings, (node) => this.lab.siteOf(node).plan)
    this.runbooks = new Runbooks(drill, this, labs.run)
    this.#restores = new Restores(drill, workDirectory)
    this.#backups = new Backups(drill, this.#holdings, workDirectory)
    this.#background = new SharedBackground(drill, labs, {
      lab: () => this.#lab,
      knowledge: () => this.#knowledge(),
      learn: (knowledge) => this.#learn(knowledge),
      goOn: (lab) => {
        this.#lab = lab
      },
    })
  }

  get lab(): Lab {
    return this.#lab ?? missing('there is no lab yet: a site or a topology comes first')
  }

  /** The site that restores are made on: the one that came up last. */
  get site(): Site {
    return this.lab.site(this.#current ?? missing('there is no site yet'))
  }

  get images(): readonly ImageRecord[] {
    return this.#holdings.images
  }

  /** What lies on which share, and under which origin path it was written. */
  get holdings(): Holdings {
    return this.#holdings
  }

  /** The mount path that is recorded in the images. */
  get originPath(): string {
    return this.#holdings.originPathOf()
  }

  /** Brings everything of a topology up; it is planned beside the addresses that the lab has already. */
  async bringUp(plan: (taken: readonly string[]) => Topology): Promise<void> {
    const topology = plan(this.#lab?.machines.map(({ address }) => address) ?? [])
    await this.#background.lay(['bring up', topology], () => this.#bringUp(topology))
  }

  async #bringUp(topology: Topology): Promise<void> {
    const lab = await this.#drill.during('provision', async () => {
      this.#lab ??= await this.#labs.openLab(this.#drill)
      await this.#lab.add(topology)
      return this.#lab
    })
    // Of several the first backs up, and restores are made on the last.
    for (const { name } of topology.sites) {
      this.#current = lab.site(name).plan.name
      this.#primary ??= this.#current
    }
  }

  /** A site that mounts shares; those that no server of the lab has yet come up with it. */
  async addSite(site: SiteSpec, shares: readonly string[]): Promise<void> {
    const isNew = (share: string) => this.#lab?.exports(share) !== true
    await this.#background.lay(['site', site, shares], () =>
      this.bringUp((taken) => planTopology(siteInput(site, shares, shares.filter(isNew)), site.name, taken)),
    )
  }

  /** `compute-1` of the site that restores are made on, or `primary/compute-1`. */
  node(name: string): Machine {
    return this.lab.machine(name.includes('/') ? name.replace('/', '-') : `${this.site.plan.name}-${name}`)
  }

  /**
   * The primary site's product takes a full snapshot and incremental ones of a workload of its own, on its first share
   * if no other is named.
   */
  async backUp(name: string, scale: BackupScale): Promise<void> {
    await this.#background.lay(['back up', name, scale], async () => {
      const site = this.lab.site(this.#primary ?? missing('there is no site that backs up yet'))
      await this.#backups.takeFirst(site, name, scale)
    })
  }

  /** The site that backs a workload up takes more snapshots of it, as it is configured now. */
  async backUpAgain(name: string, snapshots: number): Promise<void> {
    await this.#background.lay(['back up again', name, snapshots], () =>
      this.#backups.takeMore(this.lab.site(this.#backups.siteOf(name)), name, snapshots),
    )
  }

  /** Another site with replicas of the primary site's shares, in their order, and other shares beside them. */
  async addReplicaSite(site: SiteSpec, copies: readonly string[], others: readonly string[] = []): Promise<void> {
    await this.#background.lay(['replica site', site, copies, others], async () => {
      const primary = this.lab.site(this.#primary ?? missing('there is nothing to replicate yet'))
      await this.addSite(site, [...copies, ...others])
      for (const [index, copy] of copies.entries()) {
        const of = primary.plan.shares[index]?.share.text
        await this.replicate(of ?? missing(`the site ${primary.plan.name} has no share for ${copy} to replicate`), copy)
      }
    })
  }

  /** Copies all that is on a share to another, whose server comes up if the lab has it not. */
  async replicate(share: string, copy: string): Promise<void> {
    await this.#background.lay(['replicate', share, copy], () => this.#replicate(share, copy))
  }

  async #replicate(share: string, copy: string): Promise<void> {
    const [from, to] = [parseShare(share), parseShare(copy)]
    const owner = this.lab.site(this.#primary ?? missing('there is nothing to replicate yet')).plan.user
    await this.#needShare(copy, owner)
    await this.#drill.during('back up', () =>
      replicate(
        { server: this.lab.server(from.host), path: from.path },
        { server: this.lab.server(to.host), path: to.path },
      ),
    )
    this.#holdings.addReplica(copy, share)
  }

  async #needShare(share: string, owner: User): Promise<void> {
    if (this.lab.exports(share)) return
    await this.bringUp((taken) => planTopology({ shares: [{ share, owner }] }, share, taken))
  }

  /** Puts a target as `target create` makes it onto a share, whose server comes up if the lab has it not. */
  async holdTarget(share: string, target: GeneratedTarget): Promise<void> {
    await this.#background.lay(['generated target', share, target], async () => {
      const { host, path } = parseShare(share)
      const owner = this.site.plan.user
      await this.#needShare(share, owner)
      await this.#drill.during('back up', () =>
        putTarget(this.#drill, target, { server: this.lab.server(host), path, owner }),
      )
    })
  }

  /** The product of a site becomes another version, which may mount its shares elsewhere. */
  async upgrade(site: string, version: string): Promise<void> {
    await this.#background.lay(['upgrade', site, version], () =>
      this.#drill.during('provision', () => this.lab.upgrade(site, version)),
    )
  }

  /** The site burns down, and that it did is seen from where restores will be made. */
  async lose(name: string): Promise<void> {
    await this.#background.lay(['lose', name], () => this.#lose(name))
  }

  async #lose(name: string): Promise<void> {
    const { nodes, plan } = this.lab.site(name)
    const servers = plan.shares.map(({ share }) => this.lab.server(share.host))
    const lost = new Set([...nodes, ...servers])
    const watcher = [this.site.appliance, ...this.lab.machines].find((machine) => !lost.has(machine))
    if (watcher === undefined) throw new InputError(`nobody is left to see that the site ${name} is lost`)
    await this.#drill.during('disaster', () => this.inject(siteLoss(name, watcher.name)))
  }

  /** Breaks something, and makes sure that it is broken. What it gives takes it back. */
  async inject(fault: Fault): Promise<AsyncDisposable> {
    const injected = await fault.inject(this.lab)
    const { tookEffect, facts } = await fault.observe(this.lab)
    this.#drill.journal.append({ kind: 'fault', fault: fault.name, subject: fault.subject, proof: facts })
    if (!tookEffect)
      throw new MachineError(
        'fault-without-effect',
        `${fault.name} of ${fault.subject} had no effect: ${JSON.stringify(facts)}`,
      )
    return injected
  }

  /** See `Recovery.bind`. */
  async bind(nodes: readonly Machine[], choice: BindChoice = {}): Promise<void> {
    await this.recovery.bind(nodes, choice)
  }

  /** Undoes what was done to nodes, the last first. */
  async takeBack(nodes: readonly Machine[]): Promise<void> {
    await this.recovery.takeBack(nodes)
  }

  /** Restores images on nodes, every one on every node. */
  async restore(images: readonly ImageRecord[], nodes: readonly Machine[]): Promise<RestoreSeries> {
    if (images.length === 0) throw new InputError('no such snapshot was backed up')
    const phase = this.recovery.hasBegun ? 'restore' : 'baseline'
    return await this.#restores.make(phase, images, nodes, (node) => {
      const site = this.lab.siteOf(node)
      return { site, pathOf: (image) => this.#pathOn(site, image) }
    })
  }

  /** What an operator works with who prepares the nodes of this site by hand. */
  get handWork(): MountPathWork {
    const { plan } = this.lab.site(this.#primary ?? missing('there is no site that backs up yet'))
    return handWorkOf(plan, this.site.plan, this.#holdings)
  }

  /** Restores after each of several faults, each of which is taken back before the next. */
  async restoreAfterEach(
    faults: readonly Fault[],
    images: readonly ImageRecord[],
    nodes: readonly Machine[],
  ): Promise<RestoreSeries> {
    const ids: string[] = []
    for (const fault of faults) {
      await using _ = await this.inject(fault)
      ids.push(...(await this.restore(images, nodes)).ids)
    }
    return { ids, images, nodes: nodes.map(({ where }) => where) }
  }

  /** Asks `qemu-img info` about every image on a node, as the product's user, and records what it says. */
  async lookWithQemuImg(node: Machine): Promise<void> {
    const site = this.lab.siteOf(node)
    const jobs = this.images.map((image) => ({ id: image.path, argv: describeImage(this.#pathOn(site, image)) }))
    const outcomes = await runBatch(node.service, jobs, { part: 'sizing', user: site.plan.user, stallMs: 30_000 })
    for (const [image, { attempt }] of outcomes) {
      const facts = { image, exitCode: attempt.exitCode, stderr: attempt.stderr }
      toolRuns('qemu-img info').recordOutput(this.#drill.journal, node.where, facts)
    }
  }

  /** Runs a script on nodes, as root, as the product's user, or as its service, and records what it printed. */
  async observe(
    observation: Pick<AnyObservation<string>, 'recordOutput'>,
    nodes: readonly Machine[],
    script: string,
    args: readonly string[] = [],
    as: 'root' | 'product' | 'service' = 'root',
  ): Promise<void> {
    await onAll(nodes, async (node) => {
      const shell = as === 'service' ? node.service : node.shell
      const options = as === 'root' ? {} : { user: this.lab.siteOf(node).plan.user }
      const { stdout } = await shell.run({ script, args }, options)
      observation.recordOutput(this.#drill.journal, node.where, stdout.trim())
    })
  }

  async reboot(nodes: readonly Machine[]): Promise<void> {
    await onAll(nodes, (node) => node.reboot())
  }

  /** Off without a warning, and on again. */
  async cutPower(nodes: readonly Machine[]): Promise<void> {
    await onAll(nodes, (node) => node.powerCut())
    await onAll(nodes, (node) => node.start())
  }

  /** Fills a share with other images of the same names as those that were backed up elsewhere. */
  async writeDecoys(share: string): Promise<void> {
    await this.#background.lay(['decoys', share], () => this.#writeDecoys(share))
  }

  async #writeDecoys(share: string): Promise<void> {
    const { host, path } = parseShare(share)
    const own = this.#holdings.imagesOn(share)
    const images = this.images.filter((image) => !own.includes(image))
    await writeDecoys(this.lab.server(host).shell, { user: this.site.plan.user, directory: path, images })
  }

  #knowledge(): Knowledge {
    const holdings = new Holdings()
    holdings.takeOver(this.#holdings)
    return { primary: this.#primary, current: this.#current, holdings, backups: this.#backups.taken }
  }

  #learn({ primary, current, holdings, backups }: Knowledge): void {
    this.#primary = primary
    this.#current = current
    this.#holdings.takeOver(holdings)
    this.#backups.takeOver(backups)
  }

  #pathOn({ plan }: Site, image: ImageRecord): string {
    return `${this.#holdings.localPathOf(image, plan)}/${image.path}`
  }
}

function missing(what: string): never {
  throw new InputError(what)
}
