import { Then, When } from '@cucumber/cucumber'
import { assessed, assessOn, assessWhileStops, between, faster, mentioned, observed } from '../src/index.ts'
import type { DrillWorld } from './support/world.ts'

When('{node} assesses what it has mounted', async function (this: DrillWorld, node: string) {
  await assessOn(this.rehearsal, this.drill, this.rehearsal.node(node), [])
})

When(
  '{node} assesses what it has mounted with {string}',
  async function (this: DrillWorld, node: string, options: string) {
    await assessOn(this.rehearsal, this.drill, this.rehearsal.node(node), options.split(' '))
  },
)

When(
  '{node} assesses what it has mounted with {string}, and the NFS server {string} stops answering in the middle',
  async function (this: DrillWorld, node: string, options: string, server: string) {
    await assessWhileStops(this.rehearsal, this.drill, this.rehearsal.node(node), server, options.split(' '))
  },
)

Then('of the restores assessed on {node} there are {string}', function (this: DrillWorld, node: string, facts: string) {
  const { where } = this.rehearsal.node(node)
  this.drill.judge(observed, { subject: assessed.restores, where, facts })
})

Then(
  'of the restores assessed on {node} from {int} to {int} are {string}',
  function (this: DrillWorld, node: string, least: number, most: number, state: string) {
    const { where } = this.rehearsal.node(node)
    this.drill.judge(between, { subject: assessed.restoresIn(state), where, least, most })
  },
)

Then('the assessment on {node} exits with {int}', function (this: DrillWorld, node: string, facts: number) {
  const { where } = this.rehearsal.node(node)
  this.drill.judge(observed, { subject: assessed.exitCode, where, facts })
})

Then(
  'the assessment on {node} has seen from {int} to {int} images',
  function (this: DrillWorld, node: string, least: number, most: number) {
    const { where } = this.rehearsal.node(node)
    this.drill.judge(between, { subject: assessed.images, where, least, most })
  },
)

Then('the assessment says that {string}', function (this: DrillWorld, text: string) {
  this.drill.judge(mentioned, { subject: assessed.unseen, text })
})

Then('the assessment on {node} took at most {int} s', function (this: DrillWorld, node: string, seconds: number) {
  const { where } = this.rehearsal.node(node)
  this.drill.judge(between, { subject: assessed.time, where, least: 0, most: seconds * 1000 })
})

Then(
  'the second assessment on {node} was at least {int} times faster than the first',
  function (this: DrillWorld, node: string, times: number) {
    const { where } = this.rehearsal.node(node)
    this.drill.judge(faster, { subject: assessed.time, where, times })
  },
)
