import { type DataTable, Given, Then, When } from '@cucumber/cucumber'
import {
  observed,
  operatorMistake,
  parseMistake,
  parseShare,
  recordLoss,
  serverOutage,
  silentServer,
  slowServer,
} from '../src/index.ts'
import type { NodeChoice } from './parameters/node.ts'
import { readsTable } from './support/reads-table.ts'
import type { DrillWorld } from './support/world.ts'

const mistakesIn = (table: DataTable) => table.raw().map(([mistake = '']) => parseMistake(mistake))

Given('site {string} is lost', async function (this: DrillWorld, site: string) {
  await this.rehearsal.lose(site)
})

Given('every record of the product on the share {share} is deleted', async function (this: DrillWorld, share: string) {
  await this.rehearsal.inject(recordLoss(parseShare(share)))
})

When(
  'an operator makes one of these mistakes after the other, each time with every snapshot restored on {node}',
  readsTable(mistakesIn),
  async function (this: DrillWorld, node: string, mistakes: DataTable) {
    const { handWork } = this.rehearsal
    const faults = mistakesIn(mistakes).map((mistake) => operatorMistake(mistake, handWork))
    await this.restoreAfterEach(faults, this.rehearsal.images, [this.rehearsal.node(node)])
  },
)

When('the NFS server {string} loses its power', async function (this: DrillWorld, server: string) {
  await this.rehearsal.inject(serverOutage(server))
})

When('the NFS server {string} stops answering', async function (this: DrillWorld, server: string) {
  await this.rehearsal.inject(silentServer(server))
})

When(
  'the NFS server {string} answers {int} ms later',
  async function (this: DrillWorld, server: string, delayMs: number) {
    await this.rehearsal.inject(slowServer(server, delayMs))
  },
)

When('{nodes} is rebooted', async function (this: DrillWorld, nodes: NodeChoice) {
  await this.rehearsal.reboot(this.nodesOf(nodes))
})

When('{node} is paused', async function (this: DrillWorld, node: string) {
  await this.rehearsal.node(node).pause()
})

When('something is written on every node and not synced', async function (this: DrillWorld) {
  const write = 'echo here >/root/synced; sync /root/synced /root; echo here >/root/unsynced; cat /root/unsynced'
  await this.rehearsal.observe('before the power cut', this.nodes, write)
})

When('every node loses its power and is started again', async function (this: DrillWorld) {
  await this.rehearsal.cutPower(this.nodes)
  const look = 'for file in synced unsynced; do [ -s /root/$file ] && echo $file: kept || echo $file: lost; done'
  await this.rehearsal.observe('after the power cut', this.nodes, look)
})

Then('what was not synced is lost on every node', function (this: DrillWorld) {
  for (const { where } of this.nodes)
    this.drill.judge(observed, { subject: 'after the power cut', where, facts: 'synced: kept\nunsynced: lost' })
})
