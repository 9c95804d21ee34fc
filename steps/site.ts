// Sites
import { Given } from '@cucumber/cucumber'
import { parseTopology, type SiteSpec, type TopologySource } from '../src/index.ts'
import type { DrillWorld } from './support/world.ts'

/**
 * Brings up all servers, sites and nodes of a topology file. The first site backs up; restores are made on the last.
 * @example Given a lab with the topology "two-sites.yaml"
 */
Given('a lab with the topology {topology}', async function (this: DrillWorld, { file, yaml }: TopologySource) {
  await this.rehearsal.sites.bringUp((taken) => parseTopology(yaml, file, taken), { file, yaml })
})

/**
 * Brings up a site that mounts shares and backs up to the first of them, with one compute unless it names another
 * number. The server of each share comes up with it.
 * @example Given site "primary" backs up to the share "10.10.2.20:/upstream"
 * @example Given site "primary" of kolla 4.3 backs up to the shares "10.10.2.20:/gold" and "10.10.2.20:/silver"
 */
Given('{site} backs up to the share(s) {shares}', async function (this: DrillWorld, site: SiteSpec, shares: string[]) {
  await this.rehearsal.sites.add(site, shares)
})

/**
 * Brings up a site that mounts shares as they are: empty, or with what the lab has already written to them. It has one
 * compute unless it names another number.
 * @example Given site "recovery" with 1 compute mounts the share "10.20.2.20:/replica"
 */
Given('{site} mounts the share(s) {shares}', async function (this: DrillWorld, site: SiteSpec, shares: string[]) {
  await this.rehearsal.sites.add(site, shares)
})

/**
 * Brings up a site, with two computes unless it names another number, and copies the shares of the primary site, in
 * their order, to the shares that it mounts.
 * @example Given site "recovery" mounts the replica "10.20.2.20:/replica"
 * @example Given site "recovery" mounts the replicas "10.20.2.20:/one" and "10.20.2.20:/two"
 */
Given('{site} mounts the replica(s) {shares}', async function (this: DrillWorld, site: SiteSpec, copies: string[]) {
  await this.rehearsal.sites.addReplica({ computes: 2, ...site }, copies)
})

/**
 * Does the same for a site that mounts other shares beside its replicas.
 * @example Given site "recovery" mounts the replica "10.20.2.20:/replica" and the share "10.20.2.20:/other"
 */
Given(
  '{site} mounts the replica(s) {shares} and the share(s) {shares}',
  async function (this: DrillWorld, site: SiteSpec, copies: string[], others: string[]) {
    await this.rehearsal.sites.addReplica({ computes: 2, ...site }, copies, others)
  },
)

/**
 * Upgrades the product of a site. Its mount paths change if the new version encodes shares in another way.
 * @example Given site "primary" is upgraded to 4.2
 */
Given('site {siteName} is upgraded to {float}', async function (this: DrillWorld, site: string, version: number) {
  await this.rehearsal.sites.upgrade(site, version.toFixed(1))
})

/**
 * Destroys every node of a site and the servers of its shares, with their disks. Verifies from another machine that no
 * address answers.
 * @example Given site "primary" is lost
 */
Given('site {siteName} is lost', async function (this: DrillWorld, site: string) {
  await this.rehearsal.sites.lose(site)
})
