import { readFile } from 'node:fs/promises'
import { Given, Then, When } from '@cucumber/cucumber'
import { observed, parseTopology } from '../src/index.ts'
import type { DrillWorld } from './support/world.ts'

Given('the lab of the topology {string}', async function (this: DrillWorld, file: string) {
  await this.rehearsal.bringUp(parseTopology(await readFile(file, 'utf8'), file))
})

Given('site {string} backs up to the share {string}', async function (this: DrillWorld, site: string, share: string) {
  await this.rehearsal.addSite(site, [share], 1)
})

Given('site {string} sees the same data as {string}', async function (this: DrillWorld, site: string, share: string) {
  await this.rehearsal.addReplicaSite(site, share, 2)
})

Given(
  'site {string} sees the same data as {string} and also mounts {string}',
  async function (this: DrillWorld, site: string, share: string, other: string) {
    await this.rehearsal.addReplicaSite(site, share, 2, [other])
  },
)

When('the NFS mounts of every node of {string} are looked at', async function (this: DrillWorld, site: string) {
  const { nodes } = this.rehearsal.lab.site(site)
  await this.rehearsal.observe('NFS mounts', nodes, 'findmnt -rn -t nfs,nfs4 -o SOURCE,TARGET')
})

When(
  "the share {string} is encoded on {string} with the page's own command",
  async function (this: DrillWorld, share: string, node: string) {
    await this.rehearsal.observe('the encoding', [this.rehearsal.node(node)], 'echo -n "$1" | base64 -w0', [share])
  },
)

Then('the encoding is {string}', function (this: DrillWorld, encoding: string) {
  this.drill.judge(observed, { subject: 'the encoding', facts: encoding })
})

Then('every node has mounted {string} at {string}', function (this: DrillWorld, share: string, mountPath: string) {
  for (const { where } of this.nodes)
    this.drill.judge(observed, { subject: 'NFS mounts', where, facts: `${share} ${mountPath}` })
})
