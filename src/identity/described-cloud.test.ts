import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { check } from '../input/schema-check.ts'
import { cloudFileText, readCloudFile } from './cloud-file.ts'
import { type CloudInput, cloudSchema } from './cloud-schema.ts'
import { type DescribedCloud, describeCloud } from './described-cloud.ts'
import { People } from './people.ts'

const described = (input: CloudInput): DescribedCloud =>
  describeCloud(check(cloudSchema, input, 'lab.yaml'), 'recovery', 'lab.yaml')

const shop: CloudInput = {
  domains: ['Partners'],
  projects: [
    { name: 'shop', quota: { instances: 2 } },
    { name: 'shop', domain: 'Partners' },
  ],
  users: [
    { name: 'alice', email: 'alice@example.org', roles: { shop: ['Member'], 'Partners/shop': ['reader'] } },
    { name: 'bob', domain: 'Partners', roles: { shop: ['creator'] } },
  ],
}

describe('described cloud', () => {
  it('has its people with the same ids each time', () => {
    const [once, again] = [described(shop), described(shop)]
    assert.deepEqual(once, again)
    assert.match(once.people.projects[0]?.id ?? '', /^[0-9a-f]{32}$/)
  })

  it('keeps the same name in two domains apart', () => {
    const people = new People(described(shop).people)
    const [ours, partners] = people.data.projects
    const [alice, bob] = people.data.users
    assert.ok(ours && partners && alice && bob)
    assert.notEqual(ours.id, partners.id)
    assert.ok(people.hasRole(alice.id, ours.id, 'member'))
    assert.ok(people.hasRole(alice.id, partners.id, 'reader'))
    assert.ok(!people.hasRole(alice.id, partners.id, 'member'))
    assert.deepEqual([...people.rolesOf(bob.id, partners.id)], ['creator'])
    assert.deepEqual(people.usersIn(ours.id), [alice])
  })

  const wrong: readonly (readonly [string, CloudInput, RegExp])[] = [
    [
      'an unknown project',
      { projects: [{ name: 'shop' }], users: [{ name: 'a', roles: { shpo: ['member'] } }] },
      /lab\.yaml: cloud of recovery: user a: unknown project "Default\/shpo": did you mean Default\/shop\?/,
    ],
    [
      'an unknown role',
      { projects: [{ name: 'shop' }], users: [{ name: 'a', roles: { shop: ['menber'] } }] },
      /unknown role "menber": did you mean member\?/,
    ],
    [
      'an unknown domain',
      { domains: ['Partners'], projects: [{ name: 'shop', domain: 'Partner' }] },
      /project shop: unknown domain "Partner": did you mean Partners\?/,
    ],
    [
      'a project that is defined twice',
      { projects: [{ name: 'shop' }, { name: 'shop' }] },
      /project Default\/shop is defined twice/,
    ],
    [
      'the size of an unknown flavor',
      { flavors: ['small'], flavorSizes: { smal: { vcpus: 1, ramMib: 512 } } },
      /flavorSizes: unknown flavor "smal": did you mean small\?/,
    ],
    [
      'a mail address with a line break',
      { users: [{ name: 'a', email: 'a@b.org\nBcc: all@b.org' }] },
      /users\.0\.email: must be a mail address/,
    ],
    ['a name with a line break', { users: [{ name: 'a\nb' }] }, /users\.0\.name: must not contain control characters/],
  ]
  for (const [what, input, message] of wrong)
    it(`refuses ${what}`, () => assert.throws(() => described(input), { name: 'InputError', message }))
})

describe('sizes of flavors', () => {
  const size = { vcpus: 2, ramMib: 512 }

  it('are those of the description, and the usual one of m1.small', () => {
    assert.deepEqual(described({}).flavorSizes, { 'm1.small': { vcpus: 1, ramMib: 2048 } })
    assert.deepEqual(described({ flavors: ['small'] }).flavorSizes, {})
    const both = described({ flavors: ['small', 'm1.small'], flavorSizes: { small: size, 'm1.small': size } })
    assert.deepEqual(both.flavorSizes, { small: size, 'm1.small': size })
  })
})

describe('file of a cloud', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dr-drill-cloud-test-'))
  after(() => rmSync(folder, { recursive: true }))

  it('is read as it was written', () => {
    const path = join(folder, 'cloud.json')
    writeFileSync(path, cloudFileText(described(shop)))
    assert.deepEqual(readCloudFile(path), described(shop))
  })

  it('is refused by name if it holds something else', () => {
    const path = join(folder, 'wrong.json')
    writeFileSync(path, '{"name": 1}')
    assert.throws(() => readCloudFile(path), /wrong\.json: name: expected string/)
  })
})
