import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PlannedNodes } from './planned-nodes.ts'

function twoSites(): PlannedNodes {
  const planned = new PlannedNodes()
  planned.add('primary', ['appliance', 'compute-1'])
  planned.add('recovery', ['appliance', 'compute-1', 'compute-2'])
  return planned
}

describe('planned nodes', () => {
  it('refuse an unknown node or site, and list the known ones', () => {
    const planned = twoSites()
    for (const name of ['appliance', 'compute-2', 'primary/compute-1', 'recovery/compute-2']) planned.require(name)
    const message = 'unknown node "compute-9" of site recovery; known nodes: appliance, compute-1, compute-2'
    assert.throws(() => planned.require('compute-9'), { message })
    assert.throws(() => planned.require('primary/compute-2'), /unknown node "compute-2" of site primary/)
    assert.throws(
      () => planned.require('elsewhere/compute-1'),
      /unknown site "elsewhere"; known sites: primary, recovery/,
    )
    assert.throws(() => planned.requireSite('elsewhere'), /unknown site "elsewhere"/)
  })

  it('refuse nothing before a site is known, or after a step that is not their own', () => {
    new PlannedNodes().require('compute-9')
    const planned = twoSites()
    planned.acceptAnyName()
    planned.require('compute-9')
    planned.requireSite('elsewhere')
  })
})
