import { People, type PeopleData } from '../../identity/people.ts'
import type { AssessedSnapshot, AssessedWorkload, FinishedAssessment } from './assessment-file.ts'

export const ids = { alice: 'a'.repeat(32), bob: 'b'.repeat(32), web: 'c'.repeat(32), db: 'd'.repeat(32) } as const

/** A snapshot that is proven to restore, unless changed. */
export function snapshot(nth: number, changes: Partial<AssessedSnapshot> = {}): AssessedSnapshot {
  return {
    snapshotId: `00000000-0000-4000-8000-00000000000${nth}`,
    name: `nightly ${nth}`,
    date: `2026-11-2${nth}T02:00:00.000Z`,
    ageMs: (9 - nth) * 24 * 3600_000,
    type: nth === 1 ? 'full' : 'incremental',
    projectId: ids.web,
    state: 'restorable',
    disks: { total: 2, read: 2, matched: 2 },
    ...changes,
  }
}

/** The last record of an assessment. */
export const summary = {
  kind: 'summary',
  date: '2026-11-29T17:58:00.000Z',
  depth: 'content',
  unseen: [],
  totals: { workloads: 1 },
}

export function workload(changes: Partial<AssessedWorkload> = {}): AssessedWorkload {
  return {
    kind: 'workload',
    workloadId: '10000000-0000-4000-8000-000000000001',
    name: 'web',
    userId: ids.alice,
    projectId: ids.web,
    snapshots: [snapshot(1), snapshot(2)],
    ...changes,
  }
}

export function assessment(...workloads: readonly AssessedWorkload[]): FinishedAssessment {
  return { date: '2026-11-29T17:58:00.000Z', depth: 'content', unseen: [], workloads }
}

/** Alice has a role in the project of `web`, and bob in that of `db`. */
export function people(users: Partial<Record<'alice' | 'bob', object>> = {}): People {
  const project = (id: string, name: string) => ({ id, name, domainId: 'default', isEnabled: true })
  const user = (id: string, name: 'alice' | 'bob') => ({
    ...project(id, name),
    email: `${name}@example.org`,
    ...users[name],
  })
  const data: PeopleData = {
    domains: [{ id: 'default', name: 'Default', isEnabled: true }],
    projects: [project(ids.web, 'web-shop'), project(ids.db, 'databases')],
    users: [user(ids.alice, 'alice'), user(ids.bob, 'bob')],
    roles: [{ id: 'r', name: 'member' }],
    assignments: [
      { userId: ids.alice, projectId: ids.web, roleId: 'r' },
      { userId: ids.bob, projectId: ids.db, roleId: 'r' },
    ],
    trusts: [],
    quotas: [],
  }
  return new People(data)
}
