// An operator's own commands
import { type DataTable, When } from '@cucumber/cucumber'
import { byHand, operatorMistake, parseMistake } from '../src/index.ts'
import type { NodeChoice } from './parameters/node.ts'
import { readsTable } from './support/reads-table.ts'
import type { DrillWorld } from './support/world.ts'

/**
 * Runs the documented `mkdir -p` and `mount --bind` as they are, with no check of what is mounted.
 * @example When an operator binds the origin path by hand on every node
 */
When('an operator binds the origin path by hand on {nodes}', async function (this: DrillWorld, nodes: NodeChoice) {
  await this.rehearsal.recovery.byHand(this.nodesOf(nodes), byHand.bindByHand)
})

/**
 * Unmounts everything at the origin path.
 * @example When an operator unmounts the origin path by hand on every node of "closed"
 */
When('an operator unmounts the origin path by hand on {nodes}', async function (this: DrillWorld, nodes: NodeChoice) {
  await this.rehearsal.recovery.byHand(this.nodesOf(nodes), byHand.unbindByHand)
})

/**
 * Appends the documented line for the bind to fstab.
 * @example When an operator adds the bind to fstab on every node
 */
When('an operator adds the bind to fstab on {nodes}', async function (this: DrillWorld, nodes: NodeChoice) {
  await this.rehearsal.recovery.byHand(this.nodesOf(nodes), byHand.addBindToFstab)
})

/**
 * Appends the line of the share and the documented line for the bind to fstab, in this order. Earlier lines of both are
 * removed.
 * @example When an operator adds the share and the bind to fstab on every node
 */
When(
  'an operator adds the share and the bind to fstab on {nodes}',
  async function (this: DrillWorld, nodes: NodeChoice) {
    await this.rehearsal.recovery.byHand(this.nodesOf(nodes), byHand.addShareAndBindToFstab)
  },
)

/**
 * Does the same, but leaves spaces in the name of the share as they are: fstab needs `\040` for each.
 * @example When an operator adds the unescaped share and the bind to fstab on every node
 */
When(
  'an operator adds the unescaped share and the bind to fstab on {nodes}',
  async function (this: DrillWorld, nodes: NodeChoice) {
    await this.rehearsal.recovery.byHand(this.nodesOf(nodes), byHand.addUnescapedShareToFstab)
  },
)

const mistakesIn = (table: DataTable) => table.raw().map(([mistake = '']) => parseMistake(mistake))

/**
 * For each row: binds the origin path by hand on every node with this one mistake, verifies that the mistake took
 * effect, restores every snapshot, and undoes it. The [rows](scenarios.md#tables) are known mistakes.
 * @example
 * When an operator makes each of these mistakes and restores every snapshot on "compute-1":
 *   | echo is run without -n      |
 *   | a slash is added at the end |
 */
When(
  'an operator makes each of these mistakes and restores every snapshot on {nodes}:',
  readsTable(mistakesIn),
  async function (this: DrillWorld, nodes: NodeChoice, mistakes: DataTable) {
    const { handWork } = this.rehearsal.recovery
    const faults = mistakesIn(mistakes).map((mistake) => operatorMistake(mistake, handWork))
    await this.restoreAfterEach(faults, this.rehearsal.images, this.nodesOf(nodes))
  },
)
