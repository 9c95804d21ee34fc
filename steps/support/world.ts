import { World } from '@cucumber/cucumber'
import {
  type Drill,
  everySnapshotRestored,
  type Fault,
  type ImageRecord,
  InputError,
  labsOf,
  type Machine,
  type Moment,
  parseRunbook,
  type RecoveryChoice,
  Rehearsal,
  type RestoreAsker,
  type RestoreSeries,
  type RestoreWay,
  runOf,
} from '../../src/index.ts'
import type { NodeChoice } from '../parameters/node.ts'
import type { FailureChoice, RestoreChoice } from '../parameters/restore.ts'
import type { OriginChoice } from '../parameters/share.ts'

/** The state that the steps of one scenario share. */
export class DrillWorld extends World {
  #rehearsal: Rehearsal | undefined
  #series: RestoreSeries | undefined

  get drill(): Drill {
    return runOf(this.parameters).drill
  }

  get rehearsal(): Rehearsal {
    this.#rehearsal ??= new Rehearsal(this.drill, labsOf(runOf(this.parameters)))
    return this.#rehearsal
  }

  /** The restores of the last `When`. */
  get series(): RestoreSeries {
    if (this.#series === undefined) throw new InputError('no step before this one restores anything')
    return this.#series
  }

  /** The nodes of the site that restores are made on. */
  get nodes(): readonly Machine[] {
    return this.rehearsal.site.nodes
  }

  /** The nodes that a step names. */
  nodesOf({ names, sites, computesOnly = false }: NodeChoice): readonly Machine[] {
    if (names !== undefined) return names.map((name) => this.rehearsal.node(name))
    const { lab, site } = this.rehearsal
    const chosen = sites === undefined ? [site] : sites === 'every' ? lab.sites : sites.map((name) => lab.site(name))
    return chosen.flatMap(({ nodes, computes }) => (computesOnly ? computes : nodes))
  }

  /** The node that a claim names, as questions do. Without a name, the claim is about all nodes of its series. */
  at(name: string | undefined): { readonly where?: string } {
    return name === undefined ? {} : { where: this.rehearsal.node(name).where }
  }

  /** The nodes that a claim names, as questions do. */
  on(nodes: NodeChoice): { readonly where: readonly string[] } {
    return { where: this.nodesOf(nodes).map(({ where }) => where) }
  }

  /** The origin path that a step names. Undefined if it names none. */
  originPath({ path, share }: OriginChoice): string | undefined {
    return share === undefined ? path : this.rehearsal.holdings.originPathOf(share)
  }

  /** Carries out the recovery that the project configures, or the documented one: binds every origin path on every node. */
  async recover(): Promise<void> {
    const { recovery, project } = this.parameters as { readonly recovery?: string; readonly project?: string }
    if (recovery === undefined) return await this.rehearsal.recovery.bind(this.nodes)
    const { command, on, deadlineMs } = JSON.parse(recovery) as RecoveryChoice
    const runbook = parseRunbook(command, project ?? process.cwd())
    if (on === 'control host') await this.rehearsal.runbooks.onControlHost(runbook, deadlineMs)
    else await this.rehearsal.runbooks.onNodes(runbook, this.nodes, deadlineMs)
  }

  async restore(images: readonly ImageRecord[], nodes: readonly Machine[]): Promise<void> {
    this.#series = await this.rehearsal.restores.make(images, nodes)
  }

  /** Restores a snapshot as a user of the workload manager. */
  async restoreAs(asker: RestoreAsker, images: readonly ImageRecord[], way: RestoreWay): Promise<void> {
    this.#series = await this.rehearsal.userRestores.make(asker, images, way)
  }

  async restoreAfterEach(
    faults: readonly Fault[],
    images: readonly ImageRecord[],
    nodes: readonly Machine[],
  ): Promise<void> {
    this.#series = await this.rehearsal.restores.makeAfterEach(faults, images, nodes)
  }

  /** The moments of the last `restoreAfterInterruptions`. */
  moments: readonly Moment[] = []

  async restoreAfterInterruptions(moments: readonly Moment[]): Promise<void> {
    this.moments = moments
    this.#series = await this.rehearsal.restores.makeAfterInterruptions(moments, this.rehearsal.images, this.nodes)
  }

  /** The images that a step names. */
  images({ type, workload, snapshot }: RestoreChoice): readonly ImageRecord[] {
    return this.rehearsal.images.filter(
      (image) =>
        (type === undefined || image.type === type) &&
        (workload === undefined || image.workload === workload) &&
        (snapshot === undefined || image.snapshot === snapshot),
    )
  }

  /** The names of the workloads that a step names. */
  workloads(names: readonly string[] | 'every'): readonly string[] {
    return names === 'every' ? this.rehearsal.manager.names : names
  }

  /** The restores of the last `When`, or those of them that a claim names. */
  restores(choice: RestoreChoice = {}) {
    return this.#restoresOf(this.images(choice), this.#nodesOf(choice))
  }

  /** Judges that the last `When` has restored the snapshots that a claim names: no claim about fewer is about every one. */
  judgeCoverage(choice: RestoreChoice): void {
    if (choice.areSnapshots !== true) return
    const { type, workload, snapshot } = choice
    const { series } = this.series
    this.drill.judge(everySnapshotRestored, {
      ...{ series, nodes: this.#nodesOf(choice) },
      ...(type !== undefined && { type }),
      ...(workload !== undefined && { workload }),
      ...(snapshot !== undefined && { snapshot }),
    })
  }

  /** The claims that restores fail for a reason: one for all, or one for each node or image that has its own. */
  failures(choice: RestoreChoice, { kind, on, ...origin }: FailureChoice) {
    const { nodes } = this.restores(choice)
    const images = this.images(choice).filter((image) => this.series.images.includes(image))
    const claim = (some: readonly ImageRecord[], path: string | undefined, where = nodes, node?: string) => ({
      ...this.#restoresOf(some, where),
      kind,
      ...(path !== undefined && { path }),
      ...(node !== undefined && { node }),
    })
    const onEach = (some: readonly ImageRecord[], path?: string) => {
      // Without any node there is one claim all the same, which cannot be judged: no claim at all would be a pass.
      if (nodes.length === 0 || on === undefined) return [claim(some, path)]
      if (on === 'there') return nodes.map((node) => claim(some, path, [node], node))
      return [claim(some, path, nodes, this.rehearsal.node(on).where)]
    }
    if (kind === 'origin path missing' || kind === 'origin path empty')
      return onEach(images, this.originPath(origin) ?? this.rehearsal.originPath)
    if (kind !== 'parent missing') return onEach(images)
    const { holdings } = this.rehearsal
    return [...onEach(images), ...images.flatMap((image) => onEach([image], holdings.parentPathOf(image)))]
  }

  #nodesOf({ node, nodes }: RestoreChoice): readonly string[] {
    if (node !== undefined) return [this.rehearsal.node(node).where]
    return nodes === undefined ? this.series.nodes : this.nodesOf(nodes).map(({ where }) => where)
  }

  #restoresOf(chosen: readonly ImageRecord[], nodes: readonly string[]) {
    const { series, images } = this.series
    return { series, nodes, images: chosen.filter((image) => images.includes(image)).map(({ path }) => path) }
  }
}
