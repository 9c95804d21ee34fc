import { type DataTable, Then, When } from '@cucumber/cucumber'
import { expectedFstab, observed, oneOf, parseMoment, refusalSubject } from '../src/index.ts'
import type { NodeChoice } from './parameters/node.ts'
import type { OriginChoice } from './parameters/share.ts'
import { readsTable } from './support/reads-table.ts'
import type { DrillWorld } from './support/world.ts'

const momentsIn = (table: DataTable) => table.raw().map(([text = '']) => parseMoment(text))

When(
  'the/every origin path{whichOrigin} is bound{toShare} on {nodes}{inFstab}',
  async function (
    this: DrillWorld,
    origin: OriginChoice,
    share: string | undefined,
    nodes: NodeChoice,
    persist: boolean,
  ) {
    await this.rehearsal.bind(this.nodesOf(nodes), { origin: this.originPath(origin), share, persist })
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
