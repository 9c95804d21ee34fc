import { InputError } from '../../errors.ts'
import type { People } from '../../identity/people.ts'
import { idInFolder, workloadFolder } from '../../target/layout.ts'

/** A request to give workloads to another owner: one entry of a map file, or one command. */
export interface Reassignment {
  /** All workloads of these projects. */
  readonly oldProjectIds: readonly string[]
  readonly workloadIds: readonly string[]
  readonly newProjectId: string
  readonly userId: string
  /** True to include workloads on targets that are not in the database: those of other clouds. */
  readonly migrateCloud: boolean
}

/**
 * Checks a request against the people of the cloud. Returns false for an unknown new project: the product then does
 * nothing, and reports success [older generations].
 * @throws InputError for a user who is not in the project, or lacks the trustee role in it
 */
export function isForKnownProject(request: Reassignment, people: People, trusteeRole: string): boolean {
  const { newProjectId, userId, oldProjectIds, workloadIds } = request
  if (oldProjectIds.length === 0 && workloadIds.length === 0)
    throw new InputError('neither workloads nor old projects are given', {
      remedy: 'Pass --workload_ids or --old_tenant_ids.',
    })
  for (const id of workloadIds)
    if (idInFolder('workload', workloadFolder(id)) === undefined)
      throw new InputError(`${JSON.stringify(id)} is not the id of a workload`)
  if (people.project(newProjectId) === undefined) return false
  if (people.user(userId) === undefined || people.rolesOf(userId, newProjectId).size === 0)
    throw new InputError(`user not found: ${userId} has no role in project ${newProjectId}`, {
      remedy: 'Give the user a role in the project, or name another user.',
    })
  if (!people.hasRole(userId, newProjectId, trusteeRole))
    throw new InputError(
      `role not found: user ${userId} does not have the trustee role ${trusteeRole} in project ${newProjectId}`,
      { remedy: `Give the user the role ${trusteeRole} in the project.` },
    )
  return true
}
