import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type CloudInput, cloudSchema } from '../identity/cloud-schema.ts'
import { describeCloud } from '../identity/described-cloud.ts'
import { People } from '../identity/people.ts'
import { check } from '../input/schema-check.ts'
import { parseMapping } from './mapping.ts'
import { CloudNames, resolveMapping } from './resolve-owner.ts'

const cloud: CloudInput = {
  domains: ['Partners', 'a/b'],
  projects: [
    { name: 'shop' },
    { name: 'shop', domain: 'Partners' },
    { name: 'blog' },
    { name: 'c', domain: 'a/b' },
    { name: 'b/c' },
    { name: 'x/y' },
  ],
  users: [{ name: 'alice' }, { name: 'bob', domain: 'Partners' }],
}
const people = new People(describeCloud(check(cloudSchema, cloud, 'test'), 'recovery', 'test').people)
const names = new CloudNames(people)
const nameOf = (found: ReturnType<CloudNames['project']>) =>
  typeof found === 'string' ? found : names.qualified(found)

describe('a project of a mapping', () => {
  const idOf = (name: string) => people.data.projects.find((one) => names.qualified(one) === name)?.id ?? ''
  const found: readonly (readonly [string, string])[] = [
    ['blog', 'Default/blog'],
    ['Default/shop', 'Default/shop'],
    ['Partners/shop', 'Partners/shop'],
    ['default/shop', 'Default/shop'],
    [idOf('Partners/shop'), 'Partners/shop'],
    ['a/b/c', 'a/b/c'],
    ['x/y', 'Default/x/y'],
    ['Default/b/c', 'Default/b/c'],
  ]
  for (const [text, name] of found)
    it(`is found by id, name, or domain and name: ${text} is ${name}`, () =>
      assert.equal(nameOf(names.project(text)), name))

  it('is refused if it is ambiguous', () => {
    const message = `project "shop" is ambiguous: Default/shop (${idOf('Default/shop')}), Partners/shop (${idOf('Partners/shop')}): write an id`
    assert.equal(names.project('shop'), message)
  })

  it('is refused with the nearest name if it is unknown', () => {
    assert.equal(names.project('blgo'), 'unknown project "blgo": did you mean blog?')
    assert.equal(names.project('Partner/shop'), 'unknown project "Partner/shop": did you mean Partners/shop?')
  })

  it('is found again by its reference', () => {
    for (const project of people.data.projects) {
      const found = names.project(names.reference(project, 'project'))
      assert.equal(typeof found === 'string' ? found : found.id, project.id)
    }
  })
})

describe('a resolved mapping', () => {
  it('has the owners that exist, and a problem with its line for each other one', () => {
    const text = 'cloud: c\nowners:\n- {project: blog, user: alice}\n- {project: shop, user: bbo}\n'
    const { owners, problems } = resolveMapping(parseMapping(text, 'm.yaml'), people)
    assert.deepEqual(
      owners.map(({ project, user }) => [project.name, user.name]),
      [['blog', 'alice']],
    )
    assert.match(problems[0] ?? '', /^m\.yaml:4: project "shop" is ambiguous/)
    assert.equal(problems[1], 'm.yaml:4: unknown user "bbo": did you mean bob?')
  })
})
