import { type DataTable, Then, When } from '@cucumber/cucumber'
import { expectedFstab, observed, oneOf, parseMoment, refusalSubject } from '../src/index.ts'
import { readsTable } from './support/reads-table.ts'
import type { DrillWorld, NodeChoice } from './support/world.ts'

const momentsIn = (table: DataTable) => table.raw().map(([text = '']) => parseMoment(text))

When('the origin path is bound on every node', async function (this: DrillWorld) {
  await this.rehearsal.bind(this.nodes)
})

When('the origin path is bound on {node} and {node}', async function (this: DrillWorld, one: string, other: string) {
  await this.rehearsal.bind([this.rehearsal.node(one), this.rehearsal.node(other)])
})

When('the origin path is bound on every node and kept in fstab', async function (this: DrillWorld) {
  await this.rehearsal.bind(this.nodes, { persist: true })
})

When('the origin path is bound and kept in fstab on {nodes}', async function (this: DrillWorld, nodes: NodeChoice) {
  await this.rehearsal.bind(this.nodesOf(nodes), { persist: true })
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

When('what was bound is taken back on {nodes}', async function (this: DrillWorld, nodes: NodeChoice) {
  await this.rehearsal.takeBack(this.nodesOf(nodes))
})

When('every image is rebased by {node}', async function (this: DrillWorld, node: string) {
  await this.rehearsal.recovery.rebase(this.rehearsal.node(node))
})

When('the rebase is taken back by {node}', async function (this: DrillWorld, node: string) {
  await this.rehearsal.recovery.takeRebaseBack(this.rehearsal.node(node))
})

When('the origin path is to be bound on {nodes}', async function (this: DrillWorld, nodes: NodeChoice) {
  await this.rehearsal.recovery.tryToBind(this.nodesOf(nodes))
})

Then('that is refused because nothing is mounted at the local path', function (this: DrillWorld) {
  for (const node of this.nodes) {
    const [pair] = this.rehearsal.holdings.originPairs(this.rehearsal.lab.siteOf(node).plan)
    const facts = `nothing is mounted at ${pair?.local}`
    this.drill.judge(observed, { subject: refusalSubject, where: node.where, facts })
  }
})

When(
  'the recovery of every node stops because it does one of these, and is carried out again, each time with every snapshot restored',
  readsTable(momentsIn),
  async function (this: DrillWorld, table: DataTable) {
    await this.restoreAfterInterruptions(momentsIn(table))
  },
)

Then('fstab is whole on every node each time: the old one or the new one', function (this: DrillWorld) {
  for (const node of this.nodes)
    for (const moment of [...this.moments, undefined])
      this.drill.judge(oneOf, expectedFstab(this.rehearsal, node, moment))
})
