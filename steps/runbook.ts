import { Then, When } from '@cucumber/cucumber'
import { mentioned, type Runbook, runbookEnd, runbookOutputSubject } from '../src/index.ts'
import type { NodeChoice } from './parameters/node.ts'
import type { DrillWorld } from './support/world.ts'

When('the recovery is carried out', async function (this: DrillWorld) {
  await this.recover()
})

When('the runbook {runbook} is carried out', async function (this: DrillWorld, runbook: Runbook) {
  await this.rehearsal.runbooks.onControlHost(runbook)
})

When(
  'the runbook {runbook} is carried out on {nodes}',
  async function (this: DrillWorld, runbook: Runbook, nodes: NodeChoice) {
    await this.rehearsal.runbooks.onNodes(runbook, this.nodesOf(nodes))
  },
)

When(
  'these commands are carried out on {nodes}:',
  async function (this: DrillWorld, nodes: NodeChoice, script: string) {
    await this.rehearsal.runbooks.onNodes({ kind: 'script', script }, this.nodesOf(nodes))
  },
)

Then('the runbook succeeds', function (this: DrillWorld) {
  this.drill.judge(runbookEnd, { exitCode: 0 })
})

Then('the runbook fails', function (this: DrillWorld) {
  this.drill.judge(runbookEnd, { exitCode: 'not 0' })
})

Then('the runbook fails with exit code {int}', function (this: DrillWorld, exitCode: number) {
  this.drill.judge(runbookEnd, { exitCode })
})

Then('the runbook says {string}', function (this: DrillWorld, text: string) {
  this.drill.judge(mentioned, { subject: runbookOutputSubject, text })
})
