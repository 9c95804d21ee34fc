import type { People } from '../../identity/people.ts'
import { knownIssuesOf, wrongListIssue } from '../known-issues.ts'
import { requireLicense } from '../license.ts'
import type { WorkloadManager } from '../manager.ts'
import type { RecordOwner } from '../records/record-owner.ts'
import { withOwnership } from './known-workloads.ts'
import { type ListingOptions, listOnTargets, type WorkloadListing } from './workload-listing.ts'

export interface OrphanOptions extends ListingOptions {
  /** True to read the whole storage of every target, also for workloads of other clouds. */
  readonly migrateCloud: boolean
}

/**
 * Lists workloads without an owner in this cloud. Without `migrateCloud`: those in the database whose project or user does
 * not exist. With it: those on any target whose project does not exist, or whose owner has no role in it [older
 * generations].
 * @throws InputError without a license
 */
export async function listOrphans(manager: WorkloadManager, options: OrphanOptions): Promise<WorkloadListing> {
  requireLicense(manager)
  const { projectId, migrateCloud, signal } = options
  const people = await manager.identity.readPeople(signal)
  const isWanted = (owner: RecordOwner) => projectId === undefined || owner.projectId === projectId
  if (migrateCloud) {
    const isWrong = projectId === undefined && knownIssuesOf(manager.config).listsIgnoreOwners
    const isListed = (owner: RecordOwner) => isWanted(owner) && (isWrong || !isMember(people, owner))
    const listing = await listOnTargets(manager, ({ owner }) => isListed(owner), options)
    return { ...listing, ...(isWrong && { issue: wrongListIssue }) }
  }
  const rows = manager.store.workloads
    .list({ isDeleted: false })
    .filter((row) => isWanted(row) && !(people.project(row.projectId) && people.user(row.userId)))
  return withOwnership(manager, rows, signal)
}

/** True if an owner exists in this cloud, and has a role in the project. */
function isMember(people: People, { projectId, userId }: RecordOwner): boolean {
  if (projectId === undefined || userId === undefined) return false
  return (
    people.project(projectId) !== undefined &&
    people.user(userId) !== undefined &&
    people.rolesOf(userId, projectId).size > 0
  )
}
