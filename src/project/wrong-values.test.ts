import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { InputError } from '../errors.ts'
import { prepareSuite } from '../run/suite.ts'
import { openProject } from './project.ts'

// Published steps can be loaded once in a process: what is wrong is wrong in one feature.
const feature = `Feature: What no step takes

  Scenario: S
    Given site "primary" backs up to the share "10.10.2.20:/upstream"
    And site "recovery" with 1 compute mounts the replica "10.20.2.20:/replica"
    When an operator makes each of these mistakes and restores every snapshot on "compute-1":
      | echo is run without -n |
      | ekho is run            |
    When an operator recovers every node again and restores every snapshot after each of these interruptions:
      | is rebooted after lunch |
    And the share "10.20.2.20:/replica" holds a generated target of this shape:
      | workload | 2 |
    And every snapshot is restored on "compute-2"
    Then every restore on "primary/compute-9" has the content that was backed up
    When the NFS options on "primary/compute-1" are recorded
    And every node of "elsewhere" is rebooted
    And the origin path of "10.10.2.20" is bound on "compute-1" and "compute-7"
    Then every restore fails because its parents is missing
    And every restore fails because permission is denied on "compute-8"
`

const folder = mkdtempSync(join(tmpdir(), 'dr-drill-values-'))
after(() => rmSync(folder, { recursive: true, force: true }))
mkdirSync(join(folder, 'features'))
writeFileSync(join(folder, 'features/f.feature'), feature)

describe('a wrong value in a feature is refused at its line, before anything starts:', async () => {
  const { stepFiles, topologyFolder } = openProject(folder)
  const error: unknown = await prepareSuite({
    project: folder,
    paths: [],
    names: [],
    steps: stepFiles,
    stepsAreDefault: false,
    parameters: { topologies: topologyFolder, project: folder },
  }).catch((reason) => reason)
  const said = error instanceof InputError ? error.message.split('\nfeatures/f.feature') : []

  const wrong: readonly [string, RegExp][] = [
    [
      'an unknown operator mistake',
      /:6: unknown operator mistake "ekho is run"\n {2}Use one of these: echo is run without -n; /,
    ],
    [
      'an unknown moment of a recovery',
      /:9: unknown moment of a recovery "is rebooted after lunch"\n {2}Known: loses its power after /,
    ],
    [
      'a node that its site does not have',
      /:13: unknown node "compute-2" of site recovery; known nodes: appliance, compute-1$/,
    ],
    [
      'such a node in a claim',
      /:14: unknown node "compute-9" of site primary; known nodes: appliance, compute-1, compute-2$/,
    ],
    ['a site that is not there', /:16: unknown site "elsewhere"; known sites: primary, recovery$/],
    ['an origin path of something else than a share', /:17: not a share: "10.10.2.20": /],
    ['an unknown node in a list', /:17: unknown node "compute-7" of site recovery; known nodes: appliance, compute-1$/],
    [
      'an unknown reason',
      /:18: unknown reason "its parents is missing" \(did you mean "its parent is missing"\?\)\n {2}Known: /,
    ],
    [
      'a reason on an unknown node',
      /:19: unknown node "compute-8" of site recovery; known nodes: appliance, compute-1$/,
    ],
    ['a shape that no target has', /:11: the shape: .*did you mean `workloads`\?/],
  ]
  for (const [what, says] of wrong) it(what, () => assert.equal(said.filter((one) => says.test(one)).length, 1))

  it('and nothing else', () => assert.equal(said.length, wrong.length))
})
