import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type CloudInput, cloudSchema } from '../../identity/cloud-schema.ts'
import { describeCloud } from '../../identity/described-cloud.ts'
import { People } from '../../identity/people.ts'
import { check } from '../../input/schema-check.ts'
import { addedUsage, noUsage, usageOf } from './project-quota.ts'
import { type RefusalKind, type RestoreFacts, whyNotAllowed } from './restore-permission.ts'

const gibibyte = 2 ** 30

function peopleOf(cloud: CloudInput): People {
  return new People(describeCloud(check(cloudSchema, cloud, 'lab.yaml'), 'recovery', 'lab.yaml').people)
}

const people = peopleOf({
  projects: [
    { name: 'shop', quota: { instances: 2, cores: 4, ramMib: 1024, volumes: 3, gigabytes: 10 } },
    { name: 'bank' },
  ],
  users: [
    { name: 'alice', roles: { shop: ['Member'], bank: ['member'] } },
    { name: 'bob', roles: { shop: ['reader'] } },
    { name: 'carol', roles: { bank: ['member'] } },
    { name: 'dan', enabled: false, roles: { shop: ['member'] } },
    { name: 'erin', roles: { shop: ['member', 'creator'] } },
  ],
})

const userId = (name: string): string => people.data.users.find((user) => user.name === name)?.id ?? name
const projectId = (name: string): string => people.data.projects.find((one) => one.name === name)?.id ?? name

interface Change extends Partial<Omit<RestoreFacts, 'workload' | 'snapshot'>> {
  readonly user?: string
  readonly project?: string
  readonly workload?: Partial<RestoreFacts['workload']>
  readonly snapshot?: Partial<NonNullable<RestoreFacts['snapshot']>>
}

const flavors = { m1: { vcpus: 2, ramMib: 512 } }

const refusalsOf = ({ user = 'alice', project = 'shop', workload, snapshot, ...more }: Change = {}) =>
  whyNotAllowed({
    people,
    requester: { userId: userId(user), projectId: projectId(project) },
    trusteeRole: 'member',
    hasLicense: true,
    secrets: new Set(['known']),
    used: noUsage,
    needed: usageOf([{ flavor: 'm1', disks: [{ virtualSizeBytes: gibibyte + 1 }] }], flavors, 1),
    ...more,
    workload: { name: 'web', projectId: projectId('shop'), status: 'available', ...workload },
    snapshot: { id: 's1', status: 'available', isDeleted: false, ...snapshot },
  })

const sentencesOf = (change?: Change) => refusalsOf(change).map(({ sentence }) => sentence)

describe('a restore', () => {
  it('is allowed to a user with the role in the project of the workload, whatever the case of its name', () => {
    assert.deepEqual(refusalsOf(), [])
  })

  const encrypted = { workload: { secretId: 'known' } }
  const rows: readonly (readonly [string, Change, RefusalKind, RegExp])[] = [
    ['without a license', { hasLicense: false }, 'no license', /has no license/],
    ['by an unknown user', { user: 'mallory' }, 'unknown user', /user mallory does not exist/],
    ['by a disabled user', { user: 'dan' }, 'unknown user', /user dan does not exist, or is disabled/],
    ['by a user of another project', { user: 'carol' }, 'user not in the project', /carol has no role in project shop/],
    [
      'by a user without the role',
      { user: 'bob' },
      'role missing',
      /bob does not have the role member in project shop/,
    ],
    ['from another project', { project: 'bank' }, 'other project', /belongs to project shop, not to bank/],
    ['of a locked workload', { workload: { status: 'locked' } }, 'workload not available', /web is locked/],
    ['of a snapshot in error', { snapshot: { status: 'error' } }, 'snapshot not available', /s1 is error/],
    ['of a deleted snapshot', { snapshot: { isDeleted: true } }, 'snapshot not available', /s1 is deleted/],
    ['of an encrypted workload without the role creator', encrypted, 'role creator missing', /alice .* role creator/],
    [
      'of an encrypted workload without its secret',
      { user: 'erin', workload: { secretId: 'lost' } },
      'secret missing',
      /does not have the secret lost/,
    ],
    [
      'over the quota of instances',
      { used: { ...noUsage, instances: 2 } },
      'quota exceeded',
      /project shop has a quota of 2 instances, uses 2, and 1 more are needed/,
    ],
    [
      'over the quota of cores',
      { used: { ...noUsage, cores: 3 } },
      'quota exceeded',
      /project shop has a quota of 4 cores, uses 3, and 2 more are needed/,
    ],
    [
      'over the quota of memory',
      { used: { ...noUsage, ramMib: 1000 } },
      'quota exceeded',
      /project shop has a quota of 1024 MiB of memory, uses 1000, and 512 more are needed/,
    ],
    [
      'over the quota of gigabytes, which are whole ones',
      { used: { ...noUsage, gigabytes: 9 } },
      'quota exceeded',
      /a quota of 10 gigabytes, uses 9, and 2 more are needed/,
    ],
  ]
  for (const [what, change, kind, sentence] of rows)
    it(`is refused ${what}`, () => {
      const refusals = refusalsOf(change)
      assert.ok(
        refusals.some((one) => one.kind === kind && sentence.test(one.sentence)),
        JSON.stringify(refusals),
      )
    })

  it('is refused with all reasons at once', () => {
    const change = { user: 'bob', hasLicense: false, used: { ...noUsage, volumes: 3 } }
    assert.deepEqual(sentencesOf(change), [
      'the workload manager has no license',
      'user bob does not have the role member in project shop',
      'project shop has a quota of 3 volumes, uses 3, and 1 more are needed',
    ])
  })

  it('is allowed with the role creator and the secret of an encrypted workload', () => {
    assert.deepEqual(refusalsOf({ user: 'erin', workload: { secretId: 'known' } }), [])
  })

  it('is allowed over a quota that it does not need, and without a limit', () => {
    assert.deepEqual(refusalsOf({ used: { ...noUsage, snapshots: 1_000 } }), [])
    assert.deepEqual(refusalsOf({ used: { ...noUsage, instances: 9 }, needed: { ...noUsage, volumes: 1 } }), [])
  })
})

describe('the usage of a project', () => {
  it('is the sum of its instances and of running restores', () => {
    const volumes = [{ virtualSizeBytes: gibibyte }, { virtualSizeBytes: 1 }]
    const instances = usageOf([{ flavor: 'm1', disks: volumes }], flavors)
    const running = usageOf([{ flavor: 'm1', disks: [{ virtualSizeBytes: gibibyte }] }], flavors, 1)
    assert.deepEqual(addedUsage([instances, running]), {
      ...{ instances: 2, cores: 4, ramMib: 1024, volumes: 3, snapshots: 1, gigabytes: 3 },
    })
  })

  it('has no cores and memory of a flavor without a size', () => {
    const { cores, ramMib } = usageOf([{ flavor: 'toString', disks: [] }, { disks: [] }], flavors)
    assert.deepEqual([cores, ramMib], [0, 0])
  })
})
