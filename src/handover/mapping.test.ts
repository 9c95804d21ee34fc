import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { uuidFrom } from '../target/layout.ts'
import { parseMapping } from './mapping.ts'

const [web, db, old] = ['web', 'db', 'old'].map(uuidFrom)

const mapping = `
cloud: recovery
owners:
  - project: Default/web-shop
    user: alice
    workloads:
      - ${web}
      - ${db}  # db
leave:
  - ${old}
unscheduled: [${db}]
`

describe('a mapping', () => {
  it('has owners with their place in the file, and what is left', () => {
    const { cloud, owners, leave, unscheduled } = parseMapping(mapping, 'm.yaml')
    assert.equal(cloud, 'recovery')
    assert.deepEqual(owners, [{ project: 'Default/web-shop', user: 'alice', workloads: [web, db], at: 'm.yaml:4' }])
    assert.deepEqual([[...leave], [...unscheduled]], [[old], [db]])
  })

  it('may have empty lists', () => {
    const { owners, leave } = parseMapping('cloud: a\nowners:\nleave:\n', 'm.yaml')
    assert.deepEqual([owners, [...leave]], [[], []])
  })

  const wrong: readonly (readonly [string, string, string])[] = [
    ['an unknown key', mapping.replace('leave:', 'leaves:'), 'm.yaml:9: unknown key `leaves`: did you mean `leave`?'],
    [
      'an unknown key of an owner',
      mapping.replace('user:', 'usr:'),
      'm.yaml:4: owners.0.user: is missing\nm.yaml:5: owners.0: unknown key `usr`: did you mean `user`?',
    ],
    [
      'an owner that is not filled in',
      mapping.replace('user: alice', 'user:'),
      'm.yaml:5: owners.0.user: is empty: write the user of the new cloud, or move these workloads to `leave`',
    ],
    [
      'a workload that has two owners',
      mapping.replace(`${db}  # db`, `${String(web).toUpperCase()}`),
      `m.yaml:8: workload ${web} is named twice, first at m.yaml:7`,
    ],
    [
      'a workload that is left and has an owner',
      mapping.replace(`- ${old}`, `- ${web}`),
      `m.yaml:10: workload ${web} is named twice, first at m.yaml:7`,
    ],
    [
      'a workload by its name',
      mapping.replace(`${web}`, 'web'),
      'm.yaml:7: owners.0.workloads.0: must be the id of a workload',
    ],
    ['a document without a cloud', 'owners: []', 'm.yaml:1: cloud: is missing'],
  ]
  for (const [what, text, message] of wrong)
    it(`is refused with file and line: ${what}`, () =>
      assert.throws(() => parseMapping(text, 'm.yaml'), { name: 'InputError', message }))
})
