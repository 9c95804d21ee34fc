import { type CloudInput, cloudSchema } from '../identity/cloud-schema.ts'
import { describeCloud } from '../identity/described-cloud.ts'
import { People } from '../identity/people.ts'
import { check } from '../input/schema-check.ts'
import { keystoneIdFrom, uuidFrom } from '../target/layout.ts'
import { OwnerJudge } from './judge-owner.ts'
import type { OwnedWorkload } from './owned-workload.ts'

/** The people of a described cloud. */
export function peopleOf(cloud: CloudInput, name = 'recovery'): People {
  return new People(describeCloud(check(cloudSchema, cloud, 'test'), name, 'test').people)
}

/** The id of a project or user of a described cloud, by `kind/domain/name`. */
export const idOf = (path: string, cloud = 'recovery'): string => keystoneIdFrom(`${cloud}/${path}`)

export const ownerOf = (project: string, user: string, cloud = 'recovery') => ({
  projectId: idOf(`project/${project}`, cloud),
  userId: idOf(`user/${user}`, cloud),
})

/** A workload of alice in web-shop on the old cloud, with two snapshots. */
export function ownedBy(name: string, others: Partial<OwnedWorkload> = {}): OwnedWorkload {
  const owner = others.owner ?? ownerOf('Default/web-shop', 'Default/alice', 'old')
  return {
    id: uuidFrom(name),
    name,
    targets: [0],
    owner,
    names: {},
    isEncrypted: false,
    isDeleted: false,
    schedule: 'enabled',
    snapshots: [1, 2].map((nth) => ({ id: uuidFrom(`${name} ${nth}`), owner })),
    ...others,
  }
}

/** The old cloud: alice in web-shop. */
const oldCloud: CloudInput = {
  domains: ['Partners'],
  projects: [{ name: 'web-shop' }, { name: 'web-shop', domain: 'Partners' }, { name: 'blog' }],
  users: [
    { name: 'alice', roles: { 'web-shop': ['member'] } },
    { name: 'bob', domain: 'Partners', roles: {} },
    { name: 'carol', roles: {} },
  ],
}

/** The same people on the new cloud. */
export const newCloud: CloudInput = { ...oldCloud }

export const judgeFor = (cloud: CloudInput = newCloud, old: CloudInput | undefined = oldCloud, role = 'member') =>
  new OwnerJudge(peopleOf(cloud), old && peopleOf(old, 'old'), role)
