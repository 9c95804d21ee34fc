import { Given, Then, When } from '@cucumber/cucumber'
import { observed, type SiteSpec, type Topology } from '../src/index.ts'
import type { DrillWorld } from './support/world.ts'

Given(
  'the lab of the topology {topology}',
  async function (this: DrillWorld, topology: (taken: readonly string[]) => Topology) {
    await this.rehearsal.bringUp(topology)
  },
)

Given('{site} backs up to the share {share}', async function (this: DrillWorld, site: SiteSpec, share: string) {
  await this.rehearsal.addSite(site, [share])
})

Given(
  '{site} backs up to the shares {share} and {share}',
  async function (this: DrillWorld, site: SiteSpec, one: string, other: string) {
    await this.rehearsal.addSite(site, [one, other])
  },
)

Given('{site} mounts the share {share}', async function (this: DrillWorld, site: SiteSpec, share: string) {
  await this.rehearsal.addSite(site, [share])
})

Given('{site} sees the same data as {share}', async function (this: DrillWorld, site: SiteSpec, share: string) {
  await this.rehearsal.addReplicaSite({ computes: 2, ...site }, [share])
})

Given(
  '{site} sees the same data as {share} and {share}',
  async function (this: DrillWorld, site: SiteSpec, one: string, other: string) {
    await this.rehearsal.addReplicaSite({ computes: 2, ...site }, [one, other])
  },
)

Given(
  '{site} sees the same data as {share} and also mounts {share}',
  async function (this: DrillWorld, site: SiteSpec, share: string, other: string) {
    await this.rehearsal.addReplicaSite({ computes: 2, ...site }, [share], [other])
  },
)

Given('the share {share} is replicated to {share}', async function (this: DrillWorld, share: string, copy: string) {
  await this.rehearsal.replicate(share, copy)
})

Given('site {string} is upgraded to {float}', async function (this: DrillWorld, site: string, version: number) {
  await this.rehearsal.upgrade(site, version.toFixed(1))
})

When('the NFS mounts of every node of {string} are looked at', async function (this: DrillWorld, site: string) {
  const { nodes } = this.rehearsal.lab.site(site)
  await this.rehearsal.observe('NFS mounts', nodes, 'findmnt -rn -t nfs,nfs4 -o SOURCE,TARGET')
})

When(
  "the share {share} is encoded on {node} with the page's own command",
  async function (this: DrillWorld, share: string, node: string) {
    await this.rehearsal.observe('the encoding', [this.rehearsal.node(node)], 'echo -n "$1" | base64 -w0', [share])
  },
)

Then('the encoding is {string}', function (this: DrillWorld, encoding: string) {
  this.drill.judge(observed, { subject: 'the encoding', facts: encoding })
})

Then(
  'every node of {string} has mounted {share} at {string}',
  function (this: DrillWorld, site: string, share: string, mountPath: string) {
    for (const { where } of this.rehearsal.lab.site(site).nodes)
      this.drill.judge(observed, { subject: 'NFS mounts', where, facts: `${share} ${mountPath}` })
  },
)

When('the version of NFS on {node} is looked at', async function (this: DrillWorld, node: string) {
  const version = "findmnt -rn -t nfs,nfs4 -o OPTIONS | tr , '\\n' | sed -n 's/^vers=//p'"
  await this.rehearsal.observe('the version of NFS', [this.rehearsal.node(node)], version)
})

Then('the version of NFS on {node} is {string}', function (this: DrillWorld, node: string, version: string) {
  const { where } = this.rehearsal.node(node)
  this.drill.judge(observed, { subject: 'the version of NFS', where, facts: version })
})

Then('every node has mounted {share} at {string}', function (this: DrillWorld, share: string, mountPath: string) {
  for (const { where } of this.nodes)
    this.drill.judge(observed, { subject: 'NFS mounts', where, facts: `${share} ${mountPath}` })
})

When('the NFS options of every site are looked at', async function (this: DrillWorld) {
  const nodes = this.rehearsal.lab.sites.flatMap((site) => site.nodes)
  await this.rehearsal.observe('the NFS options', nodes, nfsOptions)
})

When('the NFS options on {node} are looked at', async function (this: DrillWorld, node: string) {
  await this.rehearsal.observe('the NFS options', [this.rehearsal.node(node)], nfsOptions)
})

Then('the NFS options on {node} are {string}', function (this: DrillWorld, node: string, options: string) {
  const { where } = this.rehearsal.node(node)
  this.drill.judge(observed, { subject: 'the NFS options', where, facts: options })
})

/** Of what the kernel says, those that distributions set, in one order. */
const nfsOptions = `
options=$(findmnt -rn -t nfs,nfs4 -o OPTIONS | sort -u | tr , '\\n')
for one in vers= soft hard timeo= retrans= lookupcache= nolock; do printf '%s\\n' "$options" | grep "^$one" || true; done | paste -sd, -
`
