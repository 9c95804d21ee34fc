import { createHash } from 'node:crypto'
import { InputError } from '../errors.ts'
import { siteLoss } from '../fault/site-loss.ts'
import { renewManagerConfig } from '../lab/appliance/set-up-manager.ts'
import { planTopology, type Topology } from '../lab/topology/topology.ts'
import type { TopologySource } from '../lab/topology/topology-file.ts'
import { topologyFile } from '../verdict/observation/node-facts.ts'
import type { Faults } from './faults.ts'
import type { Shares } from './lab-shares.ts'
import type { Scene } from './scene.ts'
import { type SiteSpec, siteInput } from './site-spec.ts'

/** The sites of the lab: they come up, are upgraded and are lost. */
export class Sites {
  readonly #scene: Scene
  readonly #shares: Shares
  readonly #faults: Faults

  constructor(scene: Scene, shares: Shares, faults: Faults) {
    this.#scene = scene
    this.#shares = shares
    this.#faults = faults
  }

  /**
   * Brings up everything of a topology. Its first site backs up, and restores are made on its last.
   * @param source its file, which the journal names. Undefined for a topology without one
   */
  async bringUp(plan: (taken: readonly string[]) => Topology, source?: TopologySource): Promise<void> {
    if (source !== undefined) {
      const sha256 = createHash('sha256').update(source.yaml).digest('hex')
      topologyFile.record(this.#scene.drill.journal, 'localhost', { file: source.file, sha256 })
    }
    const [waiting] = this.#scene.knowledge.sitesToCome
    if (waiting !== undefined)
      throw new InputError(`the users of site ${waiting} cannot be combined with a topology`, {
        remedy: 'Describe them in the topology, under cloud.',
      })
    await this.#scene.bringUp(plan)
  }

  /** Brings up a site that mounts shares, and the servers of those shares that the lab does not have yet. */
  async add(site: SiteSpec, shares: readonly string[]): Promise<void> {
    const isNew = (share: string) => !this.#scene.exports(share)
    await this.#scene.perform(['site', site, shares], () => {
      const cloud = this.#scene.knowledge.takeCloud(site.name)
      const input = siteInput({ ...site, ...(cloud && { cloud }) }, shares, shares.filter(isNew))
      return this.#scene.bringUp((taken) => planTopology(input, site.name, taken))
    })
  }

  /** Brings up a site with replicas of the primary site's shares, in their order, and with other shares. */
  async addReplica(site: SiteSpec, copies: readonly string[], others: readonly string[] = []): Promise<void> {
    await this.#scene.perform(['replica site', site, copies, others], async () => {
      const { plan: primary } = this.#scene.primary
      await this.add(site, [...copies, ...others])
      for (const [index, copy] of copies.entries()) {
        const original = primary.shares[index]?.share.text
        if (original === undefined)
          throw new InputError(`site ${primary.name} has no share that ${copy} could replicate`)
        await this.#shares.replicate(original, copy)
      }
    })
  }

  /** Upgrades the product of a site to another version, which can have other mount paths. */
  async upgrade(site: string, version: string): Promise<void> {
    await this.#scene.perform(['upgrade', site, version], () =>
      this.#scene.drill.during('provision', async () => {
        await this.#scene.lab.upgrade(site, version)
        await renewManagerConfig(this.#scene.lab.site(site))
      }),
    )
  }

  /** Destroys a site with its servers, and verifies the loss from a machine that is left. */
  async lose(name: string): Promise<void> {
    await this.#scene.perform(['lose', name], async () => {
      const { lab, site } = this.#scene
      const { nodes, plan } = lab.site(name)
      const servers = plan.shares.map(({ share }) => lab.server(share.host))
      const lost = new Set([...nodes, ...servers])
      const watcher = [site.appliance, ...lab.machines].find((machine) => !lost.has(machine))
      if (watcher === undefined) throw new InputError(`no machine is left to verify that site ${name} is lost`)
      await this.#scene.drill.during('disaster', () => this.#faults.inject(siteLoss(name, watcher.name)))
    })
  }
}
