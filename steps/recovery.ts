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
