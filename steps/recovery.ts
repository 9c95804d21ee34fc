// Recovery
import { type DataTable, Then, When } from '@cucumber/cucumber'
import { expectedFstab, fstabAfter, parseMoment, refusal } from '../src/index.ts'
import type { NodeChoice } from './parameters/node.ts'
import type { OriginChoice } from './parameters/share.ts'
import { readsTable } from './support/reads-table.ts'
import type { DrillWorld } from './support/world.ts'

/**
 * Carries out the documented recovery: creates the directory of each origin path, and bind-mounts the local path of the
 * same data on it. The backups decide which origin paths and shares these are, unless the step names others. With "and
 * kept in fstab", adds the line that repeats the bind at boot.
 * @example When the origin path is bound on every node
 * @example When every origin path is bound on every node of "open" and "closed" and kept in fstab
 * @example When the origin path is bound to the share "10.20.2.20:/other" on "compute-1" and "appliance"
 * @example When the origin path of "10.10.2.20:/gold" is bound to the share "10.20.2.20:/one" on every compute
 * @example When the origin path "/var/triliovault-mounts/L3Vwc3RyZWFt" is bound on every node
 */
When(
  'the/every origin path{whichOrigin} is bound{toShare} on {nodes}{inFstab}',
  async function (
    this: DrillWorld,
    origin: OriginChoice,
    share: string | undefined,
    nodes: NodeChoice,
    persist: boolean,
  ) {
    await this.rehearsal.recovery.bind(this.nodesOf(nodes), { origin: this.originPath(origin), share, persist })
  },
)

/**
 * Undoes the documented recovery on nodes, the last action first. Keeps what an operator has done by hand.
 * @example When the recovery is undone on every node
 */
When('the recovery is undone on {nodes}', async function (this: DrillWorld, nodes: NodeChoice) {
  await this.rehearsal.recovery.undo(this.nodesOf(nodes))
})

/**
 * Carries out the documented recovery on nodes that may refuse it, and records the reason.
 * @example When an operator tries to bind the origin path on every node
 */
When('an operator tries to bind the origin path on {nodes}', async function (this: DrillWorld, nodes: NodeChoice) {
  await this.rehearsal.recovery.tryToBind(this.nodesOf(nodes))
})

/**
 * Judges that the last attempt to bind was refused on each node of the site, for this reason.
 * @example Then the bind is refused because nothing is mounted at the local path
 */
Then('the bind is refused because nothing is mounted at the local path', function (this: DrillWorld) {
  const [pair] = this.rehearsal.holdings.originPairs(this.rehearsal.site.plan)
  this.drill.judge(refusal.is, { ...this.on({}), facts: `nothing is mounted at ${pair?.local}` })
})

/**
 * Writes the mount path of this site into every image, instead of binding anything. One node does it for the whole site.
 * @example When "appliance" rebases every image
 */
When('{node} rebases every image', async function (this: DrillWorld, node: string) {
  await this.rehearsal.recovery.rebase(this.rehearsal.node(node))
})

/**
 * Writes the previous mount path into the images that the node has rebased.
 * @example When "appliance" undoes the rebase
 */
When('{node} undoes the rebase', async function (this: DrillWorld, node: string) {
  await this.rehearsal.recovery.undoRebase(this.rehearsal.node(node))
})

const momentsIn = (table: DataTable) => table.raw().map(([text = '']) => parseMoment(text))

/**
 * For each row, on every node: starts the documented recovery with fstab, takes the node down at that moment, boots it,
 * carries the recovery out again, restores every snapshot, and undoes the recovery. The [rows](scenarios.md#tables) are
 * known moments.
 * @example
 * When an operator recovers every node again and restores every snapshot after each of these interruptions:
 *   | is rebooted after the origin path is bound |
 *   | loses its power while fstab is written     |
 */
When(
  'an operator recovers every node again and restores every snapshot after each of these interruptions:',
  readsTable(momentsIn),
  async function (this: DrillWorld, table: DataTable) {
    await this.restoreAfterInterruptions(momentsIn(table))
  },
)

/**
 * Judges that fstab was never half written: after each interruption it was the old file or the new one, and after each
 * repeated recovery the new one.
 * @example Then every node has a complete fstab after each interruption
 */
Then('every node has a complete fstab after each interruption', function (this: DrillWorld) {
  for (const node of this.nodes)
    for (const moment of [...this.moments, undefined])
      this.drill.judge(fstabAfter(moment).isOneOf, expectedFstab(this.rehearsal, node, moment))
})
