import { printable } from '../../text/printable.ts'
import type { WorkloadListing } from './workload-listing.ts'

/**
 * Returns the map file of a list of orphans: YAML with one entry for each project that owns them, for
 * `workload-reassign-workloads --map_file`. The new project and user are to be filled in. The names of the keys are those
 * of the product's API; that of the outermost one is an assumption.
 */
export function mapFileText({ workloads }: Pick<WorkloadListing, 'workloads'>, migrateCloud: boolean): string {
  const owners = Map.groupBy(workloads, ({ projectId }) => projectId ?? '')
  if (owners.size === 0) return 'reassign_mappings: []\n'
  const entries = [...owners].map(([projectId, owned]) =>
    [
      `- old_tenant_ids: []  # ${printable(projectId)}`,
      '  new_tenant_id: ""',
      '  user_id: ""',
      '  workload_ids:',
      ...owned.map(({ id, name }) => `  - ${JSON.stringify(id)}  # ${printable(name)}`),
      `  migrate_cloud: ${migrateCloud ? 'True' : 'False'}`,
    ].join('\n'),
  )
  return `reassign_mappings:\n${entries.join('\n')}\n`
}
