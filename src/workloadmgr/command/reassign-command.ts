import type { Command } from 'commander'
import { InputError } from '../../errors.ts'
import type { ReassignOutcome } from '../reassign/reassign-workloads.ts'
import type { Reassignment } from '../reassign/reassignment.ts'
import { importView } from './import-commands.ts'
import { warn } from './listing-view.ts'
import { type ListView, listView } from './output/view.ts'
import { collect, doing, trueOrFalse, viewCommand } from './view-command.ts'
import { requireAdmin } from './visible-rows.ts'

interface Flags {
  readonly old_tenant_ids?: readonly string[]
  readonly new_tenant_id?: string
  readonly workload_ids?: readonly string[]
  readonly user_id?: string
  readonly migrate_cloud?: boolean
  readonly map_file?: string
}

/** `workload-reassign-workloads`: gives workloads to new owners. */
export function reassignCommand(): Command {
  const command = viewCommand('list', {
    name: 'workload-reassign-workloads',
    summary: 'give workloads to another user in another project',
    notes: `
For administrators. The spelling of the options is an assumption: it is in no
public source. The rest is as in older releases (assumption: still so):

- An unknown new project changes nothing, and is not an error.
- A user without a role in the project is "user not found".
- A user without the trustee role is "role not found".
- The owner in every record is rewritten, on the target. On a read-only replica
  this fails.
- The schedule is disabled. See enable-scheduler.
- Workloads that are not in the database are imported afterwards.

No image is opened: a reassignment succeeds although its images cannot be
restored yet. After an interruption, run the same command again.

Examples:
  $ workloadmgr workload-reassign-workloads --workload_ids ID \\
      --new_tenant_id PROJECT --user_id USER --migrate_cloud True
  $ workloadmgr workload-reassign-workloads --map_file map.yaml`,
  })
    .option('--workload_ids <id>', 'id of a workload (repeatable)', collect)
    .option('--old_tenant_ids <id>', 'id of a project, for all its workloads (repeatable)', collect)
    .option('--new_tenant_id <id>', 'id of the new project')
    .option('--user_id <id>', 'id of the new user')
    .addOption(trueOrFalse('--migrate_cloud', 'also workloads on the targets that are not in the database'))
    .option('--map_file <file>', 'YAML file with several of these requests, see --generate_yaml')
  return doing(command, async ({ manager, requester }, flags: Flags) => {
    requireAdmin(requester)
    const { reassignWorkloads } = await import('../reassign/reassign-workloads.ts')
    const outcome = await reassignWorkloads(manager, await requestsIn(flags))
    if (outcome.failed.length > 0 || (outcome.imported?.failed.length ?? 0) > 0) process.exitCode = 1
    return reassignView(outcome)
  })
}

async function requestsIn({ map_file, ...flags }: Flags): Promise<readonly Reassignment[]> {
  if (map_file !== undefined) {
    const [other] = Object.keys(flags).filter((name) => /_ids?$|_cloud$/.test(name))
    if (other !== undefined) throw new InputError(`--map_file cannot be combined with --${other}`)
    const { readMapFile } = await import('./map-file-reading.ts')
    return readMapFile(map_file)
  }
  const { new_tenant_id: newProjectId, user_id: userId } = flags
  if (newProjectId === undefined) throw new InputError('--new_tenant_id is required without --map_file')
  if (userId === undefined) throw new InputError('--user_id is required without --map_file')
  return [
    {
      oldProjectIds: flags.old_tenant_ids ?? [],
      workloadIds: flags.workload_ids ?? [],
      newProjectId,
      userId,
      migrateCloud: flags.migrate_cloud ?? false,
    },
  ]
}

function reassignView({ reassigned, failed, imported }: ReassignOutcome): ListView {
  for (const { id, error, changed, unchanged } of failed)
    warn(`workload ${id} was not reassigned: ${error} (${changed.length} records changed, ${unchanged.length} not)`)
  for (const { id, unreadable } of reassigned)
    for (const { path, message } of unreadable) warn(`workload ${id}: skipped ${path}: ${message}`)
  for (const { id, isScheduleDisabled } of reassigned)
    if (!isScheduleDisabled) warn(`workload ${id}: its schedule was not understood, and may be enabled`)
  if (imported !== undefined) importView(imported)
  const isImported = (id: string) => !imported?.failed.some((one) => one.id === id)
  const rows = [
    ...reassigned.map((one) => ({ ...one, status: isImported(one.id) ? 'reassigned' : 'reassigned, not imported' })),
    ...failed.map((one) => ({
      ...one,
      name: null,
      projectId: null,
      userId: null,
      recordCount: null,
      status: 'failed',
    })),
  ]
  return listView(rows, {
    ID: ({ id }) => id,
    Name: ({ name }) => name,
    Status: ({ status }) => status,
    'Project ID': ({ projectId }) => projectId,
    'User ID': ({ userId }) => userId,
    Records: ({ recordCount }) => recordCount,
  })
}
