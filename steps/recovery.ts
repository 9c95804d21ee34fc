import { When } from '@cucumber/cucumber'
import type { DrillWorld } from './support/world.ts'

When('the origin path is bound on every node', async function (this: DrillWorld) {
  await this.rehearsal.bind(this.nodes)
})

When(
  'the origin path is bound on {string} and {string}',
  async function (this: DrillWorld, one: string, other: string) {
    await this.rehearsal.bind([this.rehearsal.node(one), this.rehearsal.node(other)])
  },
)

When('the origin path is bound on every node and kept in fstab', async function (this: DrillWorld) {
  await this.rehearsal.bind(this.nodes, { persist: true })
})

When('the share {share} is bound at the origin path on every node', async function (this: DrillWorld, share: string) {
  await this.rehearsal.bind(this.nodes, { share })
})

When('every origin path is bound on every node', async function (this: DrillWorld) {
  await this.rehearsal.bind(this.nodes)
})

When('the origin path is bound on every node of {string}', async function (this: DrillWorld, site: string) {
  await this.rehearsal.bind(this.rehearsal.lab.site(site).nodes)
})

When(
  'the origin path is bound on every node of {string} and {string}',
  async function (this: DrillWorld, one: string, other: string) {
    const { lab } = this.rehearsal
    await this.rehearsal.bind([...lab.site(one).nodes, ...lab.site(other).nodes])
  },
)

When('the origin path {string} is bound on every node', async function (this: DrillWorld, origin: string) {
  await this.rehearsal.bind(this.nodes, { origin })
})

When(
  'the share {share} is bound at the origin path of {share} on every node',
  async function (this: DrillWorld, share: string, original: string) {
    const origin = this.rehearsal.holdings.originPathOf(original)
    await this.rehearsal.bind(this.nodes, { share, origin })
  },
)

When('what was bound is taken back on every node', async function (this: DrillWorld) {
  await this.rehearsal.takeBack(this.nodes)
})
