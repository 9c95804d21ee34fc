import { knownIssuesOf, wrongListIssue } from '../known-issues.ts'
import { requireLicense } from '../license.ts'
import type { WorkloadManager } from '../manager.ts'
import { type ListingOptions, listOnTargets, type WorkloadListing } from './workload-listing.ts'

/**
 * Lists the workloads on targets that can be imported: those of projects of this cloud [documented] that are not in the
 * database [assumption].
 * @throws InputError without a license
 */
export async function listImportable(manager: WorkloadManager, options: ListingOptions = {}): Promise<WorkloadListing> {
  requireLicense(manager)
  const { projectId } = options
  const people = await manager.identity.readPeople(options.signal)
  const known = new Set(manager.store.workloads.list().map(({ id }) => id))
  const isWrong = projectId === undefined && knownIssuesOf(manager.config).listsIgnoreOwners
  const listing = await listOnTargets(
    manager,
    ({ id, owner }) => {
      if (isWrong) return true
      const project = owner.projectId === undefined ? undefined : people.project(owner.projectId)
      return project !== undefined && !known.has(id) && (projectId === undefined || project.id === projectId)
    },
    options,
  )
  return { ...listing, ...(isWrong && { issue: wrongListIssue }) }
}
