import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Objectives } from '../verdict/claim/objectives.ts'
import { objectiveWords, unknownObjectives } from './known-objectives.ts'

const feature = `@critical @slow # @later
Feature: Recovery
  # @early, and workload "old"
  Scenario Outline: Each
    Given workload "web" of 1 VM with 1 disk has a full snapshot
    And workload "<name>" gets 2 more incremental snapshots
    Examples:
      | name | note |
      | mail | x    |
`
const words = objectiveWords([feature], ["Given('the ledger is full', () => take('ledger'))"])
const unknown = (objectives: Objectives) => unknownObjectives(objectives, words)

describe('configured objectives', () => {
  it('may be about tags, and workloads in quotes, in examples and in steps of the project', () => {
    assert.deepEqual(
      unknown({ tags: { '@critical': {}, '@slow': {} }, workloads: { web: {}, mail: {}, ledger: {} } }),
      [],
    )
  })

  it('report a tag that no scenario has, with the nearest one', () => {
    assert.deepEqual(unknown({ tags: { '@critcal': {}, '@later': {}, '@early': {} } }), [
      'objectives.tags: no scenario has the tag @critcal (did you mean @critical?)',
      'objectives.tags: no scenario has the tag @later',
      'objectives.tags: no scenario has the tag @early',
    ])
  })

  it('report a workload that no feature names, with the nearest one', () => {
    assert.deepEqual(unknown({ workloads: { wbe: {}, old: {} } }), [
      'objectives.workloads: no feature names the workload wbe (did you mean web?)',
      'objectives.workloads: no feature names the workload old',
    ])
  })
})
