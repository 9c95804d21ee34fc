import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InputError } from '../errors.ts'
import { parseConfig } from './config.ts'

describe('the configuration of a project', () => {
  it('has a default for every key', () => {
    assert.deepEqual(parseConfig('# nothing yet\n', 'f.yaml'), {
      source: 'f.yaml',
      topologies: { folder: 'topologies', isDefault: true },
      engine: 'auto',
      parallel: 'auto',
      reports: 'reports',
      objectives: {},
    })
  })

  it('has the values of the file', () => {
    const yaml = `
features: [drills, more/*.feature]
steps: [dr-drill/steps, own]
topologies: sites
engine: embedded
parallel: 3
reports: /var/reports
objectives: { recoveryTime: 15m, workloads: { web: { recoveryPoint: 24h } }, tags: { '@fast': { recoveryTime: 5m } } }`
    assert.deepEqual(parseConfig(yaml, 'f.yaml'), {
      source: 'f.yaml',
      features: ['drills', 'more/*.feature'],
      steps: ['dr-drill/steps', 'own'],
      topologies: { folder: 'sites', isDefault: false },
      engine: 'embedded',
      parallel: 3,
      reports: '/var/reports',
      objectives: {
        recoveryTimeMs: 900_000,
        workloads: { web: { recoveryPointMs: 86_400_000 } },
        tags: { '@fast': { recoveryTimeMs: 300_000 } },
      },
    })
  })

  const wrong: readonly [string, RegExp][] = [
    ['featurs: [a]', /^f\.yaml: unknown key `featurs`: did you mean `features`\?$/],
    [
      'objectives: { recoverytime: 1m }',
      /^f\.yaml: objectives: unknown key `recoverytime`: did you mean `recoveryTime`\?$/,
    ],
    ['features: a', /^f\.yaml: features: must be a list of files or patterns$/],
    ['features: []', /^f\.yaml: features: must have at least one entry$/],
    ['features: [a, a]', /^f\.yaml: features: must not contain an entry twice$/],
    ["steps: ['']", /^f\.yaml: steps\.0: must not be empty$/],
    ['engine: dokcer', /^f\.yaml: engine: must be one of auto, container, embedded, not "dokcer"/],
    ['parallel: 0', /^f\.yaml: parallel: must be a whole number from 1, or auto$/],
    ['parallel: two', /^f\.yaml: parallel: must be a whole number from 1, or auto$/],
    ['parallel: 1.5', /^f\.yaml: parallel: must be a whole number from 1, or auto$/],
    ['reports: [a]', /^f\.yaml: reports: expected string, received array$/],
    ['objectives: { recoveryTime: 15 }', /^f\.yaml: objectives\.recoveryTime: must be a duration like 90s, 15m or 2h$/],
    [
      'objectives: { recoveryTime: 0m }',
      /^f\.yaml: objectives\.recoveryTime: must be longer than 0s and shorter than 285,000 years$/,
    ],
    ['objectives: { tags: { fast: {} } }', /^f\.yaml: objectives\.tags\.fast: /],
    [
      'objectives: { workloads: { web: { recovery: 5m } } }',
      /^f\.yaml: objectives\.workloads\.web: unknown key `recovery`/,
    ],
    ['engine: auto\nengine: auto', /^f\.yaml: Map keys must be unique/],
    ['[1]', /^f\.yaml: the document: expected object, received array$/],
  ]
  for (const [yaml, says] of wrong)
    it(`is refused: ${yaml.replaceAll('\n', ' ')}`, () => {
      assert.throws(
        () => parseConfig(yaml, 'f.yaml'),
        (error) => error instanceof InputError && says.test(error.message),
      )
    })
})
