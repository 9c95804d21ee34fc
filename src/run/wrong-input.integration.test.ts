import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { project, run } from './run.fixture.ts'
import type { FeatureName } from './run-project.fixture.ts'

describe('a run exits with 2 before anything starts', () => {
  const rows: readonly [string, FeatureName, readonly string[], RegExp][] = [
    [
      'an undefined step',
      'undefined',
      [],
      /features\/undefined\.feature:4, features\/undefined\.feature:5: undefined step "pigs fly"\n {2}.*\('pigs fly'/,
    ],
    [
      'an undefined step, with the nearest wording',
      'misspelled',
      [],
      /undefined step "the shares "h:\/x" is lookd at": did you mean "the share \{share\} is looked at"\?\n[^]*the steps of dr-drill are not loaded/,
    ],
    [
      'an ambiguous step',
      'ambiguous',
      [],
      /ambiguous\.feature:3: ambiguous step "it is ambiguous" matches\n {4}it is ambiguous {2}\(steps\/steps\.ts:\d+\)\n/,
    ],
    ['a scenario without steps', 'empty', [], /empty\.feature:2: "No steps" has no steps/],
    ['a value that its parameter type refuses', 'badshare', [], /features\/badshare\.feature:3: x is not a share/],
    [
      'a feature that does not parse',
      'unparsable',
      [],
      /cannot parse features\/unparsable\.feature: \(4:5\).*Gven a lab/,
    ],
    [
      'an unknown tag',
      'passes',
      ['--tags', '@slow or @foo'],
      /unknown tag @slow, @foo: no scenario in features\/ has it/,
    ],
    [
      'a tag expression that does not parse',
      'passes',
      ['--tags', '@a and and'],
      /cannot select scenarios: .*Tag expression/,
    ],
    [
      'tags that exclude everything',
      'unknown',
      ['--tags', 'not @slow'],
      /no scenario in features\/ with the tags not @slow is selected/,
    ],
    [
      'a name that matches nothing',
      'passes',
      ['--name', 'All', '--name', 'Nix'],
      /no scenario name in features\/ matches Nix/,
    ],
    [
      'a name that is not a regular expression',
      'passes',
      ['--name', '('],
      /cannot select scenarios: Invalid regular expression/,
    ],
    [
      'a file that does not exist',
      'passes',
      ['features/passes.feature', 'features/nope.feature'],
      /no such file: features\/nope\.feature/,
    ],
    [
      'a line without a scenario',
      'passes',
      ['features/passes.feature:9'],
      /no scenario in features\/passes\.feature:9 is selected/,
    ],
    ['a folder without scenarios', 'none', [], /features\/ contains no scenarios/],
    [
      'a reports folder that is a file',
      'passes',
      ['--reports', 'features/passes.feature'],
      /cannot write .*ENOTDIR|cannot write .*EEXIST/,
    ],
  ]
  for (const [what, name, args, message] of rows) {
    it(`for ${what}`, () => {
      const ended = run(project(name), args)
      assert.match(ended.stderr, message)
      assert.equal(ended.code, 2)
      assert.equal(existsSync(join(ended.folder, 'undone')), false)
      assert.equal(existsSync(join(ended.folder, 'reports')), false)
    })
  }

  it('for steps that cannot be loaded', () => {
    const folder = project('passes')
    writeFileSync(join(folder, 'steps', 'more.ts'), "import './gone.ts'")
    const { code, stderr } = run(folder)
    assert.equal(code, 2)
    assert.match(stderr, /cannot load the steps: .*gone\.ts/)
  })

  it('for configured objectives of a tag or a workload that no feature knows, and for no other', () => {
    const folder = project('passes')
    const other = 'Feature: Other\n  @critical\n  Scenario: Other\n    Given workload "web" is never drilled here\n'
    writeFileSync(join(folder, 'features/other.feature'), other)
    const configure = (tag: string, workload: string) =>
      writeFileSync(
        join(folder, 'dr-drill.config.yaml'),
        `steps: [steps]\nobjectives: { tags: { "${tag}": { recoveryTime: 1m } }, workloads: { ${workload}: { recoveryPoint: 1h } } }\n`,
      )
    configure('@critcal', 'wbe')
    const { code, stderr } = run(folder, ['features/passes.feature'])
    assert.equal(code, 2)
    assert.match(
      stderr,
      /config\.yaml: objectives\.tags: no scenario has the tag @critcal \(did you mean @critical\?\)/,
    )
    assert.match(
      stderr,
      /config\.yaml: objectives\.workloads: no feature names the workload wbe \(did you mean web\?\)/,
    )
    assert.equal(existsSync(join(folder, 'reports')), false)
    configure('@critical', 'web')
    assert.equal(run(folder, ['features/passes.feature']).code, 0)
  })
})
