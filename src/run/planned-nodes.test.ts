import assert from 'node:assert/strict'
import { it } from 'node:test'
import { PlannedNodes } from './planned-nodes.ts'

function twoSites(): PlannedNodes {
  const planned = new PlannedNodes()
  planned.add('primary', ['appliance', 'compute-1'])
  planned.add('recovery', ['appliance', 'compute-1', 'compute-2'])
  return planned
}

it('refuses a node that its site does not have, and names those it has', () => {
  const planned = twoSites()
  for (const name of ['appliance', 'compute-2', 'primary/compute-1', 'recovery/compute-2']) planned.require(name)
  const message = 'the site recovery has no node "compute-9"; it has: appliance, compute-1, compute-2'
  assert.throws(() => planned.require('compute-9'), { message })
  assert.throws(() => planned.require('primary/compute-2'), /the site primary has no node "compute-2"/)
  assert.throws(() => planned.require('elsewhere/compute-1'), /no site "elsewhere"; there are: primary, recovery/)
  assert.throws(() => planned.requireSite('elsewhere'), /no site "elsewhere"/)
})

it('refuses nothing where it cannot know', () => {
  new PlannedNodes().require('compute-9')
  const planned = twoSites()
  planned.doubt()
  planned.require('compute-9')
  planned.requireSite('elsewhere')
})
