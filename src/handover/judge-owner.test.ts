import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CloudInput } from '../identity/cloud-schema.ts'
import { People } from '../identity/people.ts'
import { OwnerJudge } from './judge-owner.ts'
import { idOf, judgeFor, newCloud, ownedBy, ownerOf, peopleOf } from './owned-workload.fixture.ts'
import type { OwnedWorkload } from './owned-workload.ts'

const ours = ownerOf('Default/web-shop', 'Default/alice')
const theirs = ownerOf('Default/web-shop', 'Default/alice', 'old')
const shop = { name: 'web-shop' }
const alice = { name: 'alice', roles: { 'web-shop': ['member'] } }

interface Case {
  readonly what: string
  readonly workload?: Partial<OwnedWorkload>
  readonly cloud?: CloudInput
  readonly state: string
  readonly message?: RegExp
  readonly remedy?: RegExp
  readonly project?: string
  readonly user?: string
}

const cases: readonly Case[] = [
  { what: 'whose ids exist', workload: { owner: ours }, state: 'imports', project: 'Default/web-shop' },
  { what: 'whose names exist', state: 'reassign', project: 'Default/web-shop', user: 'Default/alice' },
  {
    what: 'whose project does not exist',
    cloud: { projects: [{ name: 'other' }], users: [{ name: 'alice' }] },
    state: 'project-missing',
    message: /^project Default\/web-shop does not exist$/,
    user: 'Default/alice',
  },
  {
    what: 'whose user does not exist',
    cloud: { projects: [shop], users: [] },
    state: 'user-missing',
    message: /^user Default\/alice does not exist$/,
    project: 'Default/web-shop',
  },
  {
    what: 'whose project exists in another domain only',
    cloud: { domains: ['Partners'], projects: [{ name: 'web-shop', domain: 'Partners' }], users: [{ name: 'alice' }] },
    state: 'other-domain',
    message: /^project Default\/web-shop may be Partners\/web-shop$/,
  },
  {
    what: 'whose user exists in other domains only',
    cloud: {
      domains: ['Partners', 'Staff'],
      projects: [shop],
      users: [
        { name: 'alice', domain: 'Partners' },
        { name: 'alice', domain: 'Staff' },
      ],
    },
    state: 'other-domain',
    message: /^user Default\/alice may be Partners\/alice or Staff\/alice$/,
    project: 'Default/web-shop',
  },
  {
    what: 'whose user is not in the project',
    cloud: { projects: [shop], users: [{ name: 'alice' }] },
    state: 'role-missing',
    message: /does not have the role member in project Default\/web-shop \(roles there: none\)$/,
    remedy: /^openstack role add --user [\da-f]{32} --project [\da-f]{32} member$/,
  },
  {
    what: 'whose user has another role',
    cloud: { projects: [shop], users: [{ name: 'alice', roles: { 'web-shop': ['reader'] } }] },
    state: 'role-missing',
    message: /roles there: reader/,
  },
  {
    what: 'whose user is disabled',
    cloud: { projects: [shop], users: [{ ...alice, enabled: false }] },
    state: 'disabled',
    message: /^user Default\/alice is disabled$/,
    remedy: /^openstack user set --enable [\da-f]{32}$/,
  },
  {
    what: 'whose project is disabled',
    cloud: { projects: [{ ...shop, enabled: false }], users: [alice] },
    state: 'disabled',
    message: /^project Default\/web-shop is disabled$/,
    remedy: /^openstack project set --enable/,
  },
  {
    what: 'whose record is damaged',
    workload: { trouble: { kind: 'damaged', message: 'workload_db:1:4: not JSON' } },
    state: 'unreadable-record',
    message: /not JSON/,
  },
  {
    what: 'whose record could not be read',
    workload: { trouble: { kind: 'unread', message: 'EIO' } },
    state: 'not-read',
    message: /^EIO$/,
  },
  { what: 'that is marked deleted', workload: { isDeleted: true }, state: 'left', message: /marked deleted/ },
  {
    what: 'that is half-way reassigned to an owner who exists',
    workload: { owner: theirs, snapshots: [{ id: 's', owner: ours }] },
    state: 'reassign',
    message: /^its records name 2 owners$/,
    project: 'Default/web-shop',
  },
  {
    what: 'with the project of this cloud, and a user of the old one',
    workload: { owner: { ...ours, userId: theirs.userId } },
    state: 'reassign',
    user: 'Default/alice',
  },
  {
    what: 'with a user of this cloud, and the project of the old one',
    workload: { owner: { ...ours, projectId: theirs.projectId } },
    state: 'reassign',
    project: 'Default/web-shop',
  },
  {
    what: 'with ids of this cloud in its own record, and others in a snapshot',
    workload: { owner: ours, snapshots: [{ id: 's', owner: theirs }] },
    state: 'reassign',
    message: /^its records name 2 owners$/,
  },
]

describe('the owner of a workload', () => {
  for (const { what, workload, cloud, state, message, remedy, project, user } of cases)
    it(`${what}: ${state}`, () => {
      const judge = judgeFor(cloud)
      const judged = judge.judge(ownedBy('web', workload))
      assert.equal(judged.state, state, judged.message)
      if (message) assert.match(judged.message ?? '', message)
      if (remedy) assert.match(judged.remedy ?? '', remedy)
      if (project) assert.equal(judged.project && judge.names.qualified(judged.project), project)
      if (user) assert.equal(judged.user && judge.names.qualified(judged.user), user)
    })

  it('is another one if a mapping changes only the user, or only the project', () => {
    const judge = judgeFor({
      projects: [shop, { name: 'blog' }],
      users: [
        { ...alice, roles: { 'web-shop': ['member'], blog: ['member'] } },
        { ...alice, name: 'carol' },
      ],
    })
    const judged = (project: string, user: string) => {
      const [newProject, newUser] = [judge.names.project(project), judge.names.user(user)]
      assert.ok(typeof newProject !== 'string' && typeof newUser !== 'string')
      return judge.judgeWith(ownedBy('web', { owner: ours }), newProject, newUser).state
    }
    assert.deepEqual(
      [judged('web-shop', 'alice'), judged('web-shop', 'carol'), judged('blog', 'alice')],
      ['imports', 'reassign', 'reassign'],
    )
  })

  it('has the role that the product needs, whatever its case', () => {
    const cloud = { projects: [shop], users: [{ name: 'alice', roles: { 'web-shop': ['creator'] } }] }
    assert.equal(
      judgeFor(cloud, undefined, 'Creator').judge(ownedBy('web', { names: { project: 'web-shop', user: 'alice' } }))
        .state,
      'reassign',
    )
  })

  it('is unknown without the old cloud, and no name is guessed', () => {
    const judged = new OwnerJudge(peopleOf(newCloud), undefined, 'member').judge(ownedBy('web'))
    assert.equal(judged.state, 'project-missing')
    assert.equal(judged.message, `the name of project ${theirs.projectId} is unknown here`)
    assert.equal(judged.project, undefined)
  })

  it('has its names from metadata without the old cloud, if each exists once', () => {
    const judge = new OwnerJudge(peopleOf(newCloud), undefined, 'member')
    const judged = (project: string, user: string) => judge.judge(ownedBy('web', { names: { project, user } }))
    assert.equal(judged('web-shop', 'alice').state, 'other-domain')
    assert.match(judged('web-shop', 'alice').message ?? '', /may be Default\/web-shop or Partners\/web-shop$/)
    assert.equal(judged('blog', 'alice').state, 'role-missing')
    assert.equal(judged('blog', 'alice').project?.id, idOf('project/Default/blog'))
  })

  it('in a disabled domain cannot be used', () => {
    const people = peopleOf(newCloud)
    const domains = people.data.domains.map((one) => ({ ...one, isEnabled: one.name !== 'Default' }))
    const judge = new OwnerJudge(new People({ ...people.data, domains }), undefined, 'member')
    const judged = judge.judge(ownedBy('web', { owner: ours }))
    assert.equal(judged.state, 'disabled')
    assert.equal(judged.remedy, 'openstack domain set --enable default')
  })
})
