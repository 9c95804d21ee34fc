// Runbooks
import { Then, When } from '@cucumber/cucumber'
import { type Runbook, runbookEndsWith, runbookOutput } from '../src/index.ts'
import type { NodeChoice } from './parameters/node.ts'
import type { DrillWorld } from './support/world.ts'

/**
 * Runs the command that the project's configuration names under `recovery`. Without one, binds every origin path on
 * every node, as documented.
 * @example When an operator runs the configured recovery
 */
When('an operator runs the configured recovery', async function (this: DrillWorld) {
  await this.recover()
})

/**
 * Runs a command on a control host, which reaches the nodes over SSH. It finds the [facts](runbooks.md) of the site in
 * its environment.
 * @example When an operator runs the runbook "./recover.sh --fast"
 */
When('an operator runs the runbook {runbook}', async function (this: DrillWorld, runbook: Runbook) {
  await this.rehearsal.runbooks.onControlHost(runbook)
})

/**
 * Runs a command on nodes, as root. If its first word is a file of the project, that file is copied to the nodes first.
 * @example When an operator runs the runbook "./on-a-node.sh" on every node
 */
When(
  'an operator runs the runbook {runbook} on {nodes}',
  async function (this: DrillWorld, runbook: Runbook, nodes: NodeChoice) {
    await this.rehearsal.runbooks.onNodes(runbook, this.nodesOf(nodes))
  },
)

/**
 * Runs a shell script on nodes, as root, as if an operator had pasted it.
 * @example
 * When an operator runs these commands on every node:
 *   """
 *   mkdir -p "$DR_DRILL_ORIGIN_PATH"
 *   mount --bind "$DR_DRILL_LOCAL_PATH" "$DR_DRILL_ORIGIN_PATH"
 *   """
 */
When(
  'an operator runs these commands on {nodes}:',
  async function (this: DrillWorld, nodes: NodeChoice, script: string) {
    await this.rehearsal.runbooks.onNodes({ kind: 'script', script }, this.nodesOf(nodes))
  },
)

/**
 * Judges that the last runbook has exited with 0, on every node that it ran on.
 * @example Then the runbook succeeds
 * @example Then the runbook succeeds on "compute-2"
 */
Then('the runbook succeeds{onNode}', function (this: DrillWorld, node?: string) {
  this.drill.judge(runbookEndsWith, { ...this.at(node), exitCode: 0 })
})

/**
 * Judges that the last runbook has exited with another code than 0, on every node that it ran on. A failed runbook that no
 * step expects fails the scenario.
 * @example Then the runbook fails
 * @example Then the runbook fails on "compute-1"
 */
Then('the runbook fails{onNode}', function (this: DrillWorld, node?: string) {
  this.drill.judge(runbookEndsWith, { ...this.at(node), exitCode: 'not 0' })
})

/**
 * Judges that the last runbook has exited with this code, on every node that it ran on.
 * @example Then the runbook fails with exit code 1
 * @example Then the runbook fails with exit code 3 on "compute-1"
 */
Then('the runbook fails with exit code {int}{onNode}', function (this: DrillWorld, exitCode: number, node?: string) {
  this.drill.judge(runbookEndsWith, { ...this.at(node), exitCode })
})

/**
 * Judges that the output of the last runbook contains a text, on every node that it ran on. White space does not matter.
 * @example Then the runbook prints "recovering recovery-compute-1"
 * @example Then the runbook prints "nothing to do" on "compute-2"
 */
Then('the runbook prints {string}{onNode}', function (this: DrillWorld, text: string, node?: string) {
  this.drill.judge(runbookOutput.mentions, { ...this.at(node), text })
})
