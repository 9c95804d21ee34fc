import { printable } from '../../text/printable.ts'
import type { WorkloadListing } from '../listing/workload-listing.ts'
import { type ListView, listView } from './output/view.ts'

/** Returns a list of workloads as a view, and prints what it leaves out to standard error. */
export function listingView({ workloads, skipped, unreadTargets, issue }: WorkloadListing): ListView {
  if (issue !== undefined) warn(issue)
  for (const { path, message } of skipped) warn(`skipped ${path}: ${message}`)
  for (const { name, problem } of unreadTargets) warn(`backup target ${name} was not read: ${problem}`)
  return listView(workloads, {
    ID: ({ id }) => id,
    Name: ({ name }) => name,
    'Project ID': ({ projectId }) => projectId ?? null,
    'User ID': ({ userId }) => userId ?? null,
    'Backup Target Type': ({ target }) => target,
    Snapshots: ({ snapshotCount }) => snapshotCount,
    Ownership: ({ ownership }) => ownership,
  })
}

/** Prints a warning to standard error. Lists on standard output stay readable for programs. */
export function warn(text: string): void {
  process.stderr.write(`WARNING: ${printable(text)}\n`)
}
