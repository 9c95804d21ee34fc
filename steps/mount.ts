// Mounts
import { Then, When } from '@cucumber/cucumber'
import {
  defineObservation,
  imagesThroughOriginPath,
  isText,
  type OriginPathView,
  originPathInService,
  originPathOnHost,
  parseThroughOriginPath,
  shareAtLocalPath,
  shareAtOriginPath,
} from '../src/index.ts'
import type { NodeChoice } from './parameters/node.ts'
import type { DrillWorld } from './support/world.ts'

const nfsMounts = defineObservation('NFS mounts', isText)
const nfsVersion = defineObservation('the NFS version', isText)
const nfsOptions = defineObservation('the NFS options', isText)

/**
 * Records which NFS share is mounted where.
 * @example When the NFS mounts on every node of "primary" are recorded
 */
When('the NFS mounts on {nodes} are recorded', async function (this: DrillWorld, nodes: NodeChoice) {
  await this.rehearsal.looks.run(nfsMounts, this.nodesOf(nodes), 'findmnt -rn -t nfs,nfs4 -o SOURCE,TARGET')
})

/**
 * Judges that nodes have this NFS mount and no other.
 * @example Then every node has mounted "10.10.2.20:/upstream" at "/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0="
 */
Then(
  '{nodes} has/have mounted {share} at {string}',
  function (this: DrillWorld, nodes: NodeChoice, share: string, mountPath: string) {
    this.drill.judge(nfsMounts.is, { ...this.on(nodes), facts: `${share} ${mountPath}` })
  },
)

/**
 * Records the NFS version that the kernel has negotiated.
 * @example When the NFS version on "recovery/compute-1" is recorded
 */
When('the NFS version on {nodes} is recorded', async function (this: DrillWorld, nodes: NodeChoice) {
  const version = "findmnt -rn -t nfs,nfs4 -o OPTIONS | tr , '\\n' | sed -n 's/^vers=//p'"
  await this.rehearsal.looks.run(nfsVersion, this.nodesOf(nodes), version)
})

/**
 * Judges the recorded NFS version.
 * @example Then the NFS version on "recovery/compute-1" is "4.2"
 */
Then('the NFS version on {nodes} is {string}', function (this: DrillWorld, nodes: NodeChoice, version: string) {
  this.drill.judge(nfsVersion.is, { ...this.on(nodes), facts: version })
})

/**
 * Records the mount options in which distributions differ, as the kernel reports them.
 * @example When the NFS options on every node of every site are recorded
 */
When('the NFS options on {nodes} are recorded', async function (this: DrillWorld, nodes: NodeChoice) {
  await this.rehearsal.looks.run(nfsOptions, this.nodesOf(nodes), printNfsOptions)
})

/**
 * Judges the recorded mount options.
 * @example Then the NFS options on "appliance" are "vers=3,soft,timeo=180,retrans=2,lookupcache=none,nolock"
 */
Then('the NFS options on {nodes} are {string}', function (this: DrillWorld, nodes: NodeChoice, options: string) {
  this.drill.judge(nfsOptions.is, { ...this.on(nodes), facts: options })
})

/** Prints the options that distributions set, in one order. */
const printNfsOptions = `
options=$(findmnt -rn -t nfs,nfs4 -o OPTIONS | sort -u | tr , '\\n')
for one in vers= soft hard timeo= retrans= lookupcache= nolock; do printf '%s\\n' "$options" | grep "^$one" || true; done | paste -sd, -
`

/**
 * Lists the origin path as the product's user, on the host and in the product's service, and records whether it is
 * missing, empty or filled.
 * @example When the origin path on every node is listed
 */
When('the origin path on {nodes} is listed', async function (this: DrillWorld, nodes: NodeChoice) {
  await this.rehearsal.looks.originPath(this.nodesOf(nodes))
})

/**
 * Judges what the host has listed.
 * @example Then the host finds the origin path filled on every node
 */
Then(
  'the host finds the origin path {sight} on {nodes}',
  function (this: DrillWorld, sight: OriginPathView, nodes: NodeChoice) {
    this.drill.judge(originPathOnHost.is, { ...this.on(nodes), facts: sight })
  },
)

/**
 * Judges what the product's service has listed. It may have other mounts than its host.
 * @example Then the service finds the origin path missing on every node
 */
Then(
  'the service finds the origin path {sight} on {nodes}',
  function (this: DrillWorld, sight: OriginPathView, nodes: NodeChoice) {
    this.drill.judge(originPathInService.is, { ...this.on(nodes), facts: sight })
  },
)

/**
 * Reads images as the product's service does, through the origin path and through the local path, and records whether both
 * lead to the same files.
 * @example When the images are read through the origin path on every node
 */
When('the images are read through the origin path on {nodes}', async function (this: DrillWorld, nodes: NodeChoice) {
  await this.rehearsal.looks.images(this.nodesOf(nodes))
})

/**
 * Judges that the images were read. A mount is no proof.
 * @example Then the origin path resolves on every node
 */
Then('the origin path resolves on {nodes}', function (this: DrillWorld, nodes: NodeChoice) {
  this.drill.judge(imagesThroughOriginPath.is, { ...this.on(nodes), facts: 'resolves' })
})

/**
 * Judges why the images were not read: by the reason that `dr-drill check` reports.
 * @example Then the origin path does not resolve on every node: "another target"
 */
Then(
  'the origin path does not resolve on {nodes}: {string}',
  function (this: DrillWorld, nodes: NodeChoice, reason: string) {
    this.drill.judge(imagesThroughOriginPath.is, { ...this.on(nodes), facts: parseThroughOriginPath(reason) })
  },
)

/**
 * Records the shares that are mounted at the origin path and at the local path.
 * @example When the shares at both paths on every node are recorded
 */
When('the shares at both paths on {nodes} are recorded', async function (this: DrillWorld, nodes: NodeChoice) {
  await this.rehearsal.looks.shares(this.nodesOf(nodes))
})

/**
 * Judges the recorded shares.
 * @example Then the origin path leads to "10.20.2.20:/replica" and the local path to "10.30.2.20:/replica" on every node
 */
Then(
  'the origin path leads to {share} and the local path to {share} on {nodes}',
  function (this: DrillWorld, origin: string, local: string, nodes: NodeChoice) {
    this.drill.judge(shareAtOriginPath.is, { ...this.on(nodes), facts: origin })
    this.drill.judge(shareAtLocalPath.is, { ...this.on(nodes), facts: local })
  },
)
