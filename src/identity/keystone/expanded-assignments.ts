import type { RoleAssignment } from '../people.ts'
import type { AssignmentRow, InferenceRow, ProjectRow } from './keystone-schema.ts'

export interface AssignmentFacts {
  /** As an administrator has made them. */
  readonly assignments: readonly AssignmentRow[]
  readonly projects: readonly ProjectRow[]
  /** Users of each group. */
  readonly members: ReadonlyMap<string, readonly string[]>
  readonly inferences: readonly InferenceRow[]
}

/**
 * Returns the roles that users have in projects: of groups, inherited from domains and projects, and implied by others.
 * The same as Keystone's own list of effective assignments.
 */
export function expandAssignments(facts: AssignmentFacts): readonly RoleAssignment[] {
  const implied = closureOf(facts.inferences)
  const below = descendantsOf(facts.projects)
  const inDomain = Map.groupBy(facts.projects, ({ domain_id }) => domain_id)
  const seen = new Set<string>()
  const expanded: RoleAssignment[] = []
  for (const { role, user, group, scope } of facts.assignments) {
    const isInherited = scope['OS-INHERIT:inherited_to'] === 'projects'
    const { project, domain } = scope
    const projects = project
      ? isInherited
        ? (below.get(project.id) ?? [])
        : [project.id]
      : domain && isInherited
        ? (inDomain.get(domain.id) ?? []).map(({ id }) => id)
        : []
    const users = user ? [user.id] : (facts.members.get(group?.id ?? '') ?? [])
    for (const projectId of projects)
      for (const userId of users)
        for (const roleId of implied.get(role.id) ?? [role.id]) {
          const key = `${userId} ${projectId} ${roleId}`
          if (seen.has(key)) continue
          seen.add(key)
          expanded.push({ userId, projectId, roleId })
        }
  }
  return expanded
}

/** Each role with those that it implies, directly or through others. */
function closureOf(inferences: readonly InferenceRow[]): ReadonlyMap<string, ReadonlySet<string>> {
  const direct = new Map(inferences.map(({ prior_role, implies }) => [prior_role.id, implies.map(({ id }) => id)]))
  return new Map([...direct.keys()].map((role) => [role, reachable(role, (id) => direct.get(id) ?? [])]))
}

/** The projects below each project, in any depth. */
function descendantsOf(projects: readonly ProjectRow[]): ReadonlyMap<string, readonly string[]> {
  const children = Map.groupBy(projects, ({ parent_id }) => parent_id ?? '')
  const below = (id: string) => (children.get(id) ?? []).map((child) => child.id)
  return new Map(projects.map(({ id }) => [id, [...reachable(id, below)].filter((one) => one !== id)]))
}

function reachable(from: string, next: (id: string) => readonly string[]): ReadonlySet<string> {
  const found = new Set([from])
  for (const id of found) for (const one of next(id)) found.add(one)
  return found
}
