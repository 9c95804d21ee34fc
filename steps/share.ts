// Shares
import { type DataTable, Given, Then, When } from '@cucumber/cucumber'
import {
  defineObservation,
  imageCut,
  imageLoss,
  isText,
  parseShare,
  readOnlyShare,
  readShapeTable,
  recordLoss,
} from '../src/index.ts'
import { readsTable } from './support/reads-table.ts'
import type { DrillWorld } from './support/world.ts'

const encodingOfShare = defineObservation('the encoding', isText)

/**
 * Copies everything on a share to another one, whose server comes up if the lab does not have it yet.
 * @example Given the share "10.10.2.20:/upstream" is replicated to "10.20.2.20:/replica"
 */
Given('the share {share} is replicated to {share}', async function (this: DrillWorld, share: string, copy: string) {
  await this.rehearsal.shares.replicate(share, copy)
})

/**
 * Writes images with other content under the names of those that were backed up elsewhere: a bind to this share
 * succeeds, and restores the wrong data.
 * @example Given the share "10.20.2.20:/other" holds different images with the same names
 */
Given('the share {share} holds different images with the same names', async function (this: DrillWorld, share: string) {
  await this.rehearsal.shares.writeDecoys(share)
})

const shapeIn = (table: DataTable) => readShapeTable(table.rowsHash())

/**
 * Fills a share with a target as `dr-drill target create` generates it. The rows are the options of that command.
 * @example
 * Given the share "10.20.2.20:/replica" holds a generated target of this shape:
 *   | workloads | 20 |
 *   | snapshots | 10 |
 */
Given(
  'the share {share} holds a generated target of this shape:',
  readsTable(shapeIn),
  async function (this: DrillWorld, share: string, shape: DataTable) {
    await this.rehearsal.shares.writeTarget(share, shapeIn(shape))
  },
)

/**
 * Deletes the records of workloads and snapshots, and the settings (`*_db`). Only the images stay.
 * @example Given the product's records on the share "10.20.2.20:/replica" are deleted
 */
Given("the product's records on the share {share} are deleted", async function (this: DrillWorld, share: string) {
  await this.rehearsal.faults.inject(recordLoss(parseShare(share)))
})

/**
 * Deletes the images of a snapshot, as a replication does that has not finished. Its records stay.
 * @example Given the images of snapshot 2 of "db" on the share "10.20.2.20:/replica" are deleted
 */
Given(
  'the images of snapshot {int} of {string} on the share {share} are deleted',
  async function (this: DrillWorld, snapshot: number, workload: string, share: string) {
    const paths = this.images({ workload, snapshot }).map(({ path }) => path)
    await this.rehearsal.faults.inject(imageLoss(parseShare(share), paths))
  },
)

/**
 * Cuts the images of a snapshot to half of their bytes, as a copy leaves them that has stopped. Its records stay.
 * @example Given the images of snapshot 2 of "db" on the share "10.20.2.20:/replica" are cut in half
 */
Given(
  'the images of snapshot {int} of {string} on the share {share} are cut in half',
  async function (this: DrillWorld, snapshot: number, workload: string, share: string) {
    const paths = this.images({ workload, snapshot }).map(({ path }) => path)
    await this.rehearsal.faults.inject(imageCut(parseShare(share), paths))
  },
)

/**
 * The server exports a share read-only from now on, as a server of replicas does.
 * @example Given the share "10.20.2.20:/replica" becomes read-only
 */
Given('the share {share} becomes read-only', async function (this: DrillWorld, share: string) {
  await this.rehearsal.faults.inject(readOnlyShare(parseShare(share)))
})

/**
 * Runs the documented `echo -n SHARE | base64` on a node and records what it prints.
 * @example When an operator encodes the share "10.10.2.20:/upstream" on "appliance"
 */
When('an operator encodes the share {share} on {node}', async function (this: DrillWorld, share: string, node: string) {
  await this.rehearsal.looks.run(encodingOfShare, [this.rehearsal.node(node)], 'echo -n "$1" | base64 -w0', [share])
})

/**
 * Judges what the last encoding printed.
 * @example Then the encoding is "MTAuMTAuMi4yMDovdXBzdHJlYW0="
 */
Then('the encoding is {string}', function (this: DrillWorld, encoding: string) {
  this.drill.judge(encodingOfShare.is, { facts: encoding })
})
