import { quoteWord } from '../shell/quote.ts'
import type { JudgedWorkload } from './judge-owner.ts'

/** What an administrator types on the appliance, in this order. */
export interface ManagerCommands {
  readonly imports: readonly string[]
  readonly reassignments: readonly string[]
  /** A reassignment disables schedules. */
  readonly schedules: readonly string[]
  /** The file of `--map_file`, with all reassignments at once. Undefined without any. */
  readonly mapFile?: string
}

/** A longer command is hard to check, and may be too long for a shell. */
const maxIds = 20

/**
 * Returns the commands of the product for workloads that are ready. The spelling of the options of the reassignment, the key
 * of the map file and the command for schedules are assumptions.
 * @param mapFile the path of the map file, if it is written
 */
export function managerCommands(judged: readonly JudgedWorkload[], mapFile?: string): ManagerCommands {
  const idsOf = (some: readonly JudgedWorkload[]) => some.map(({ workload }) => workload.id)
  const repeated = (command: string, ids: readonly string[]) =>
    chunks(ids).map((some) => `workloadmgr ${command} ${some.map((id) => `--workloadids ${id}`).join(' ')}`)
  const reassigned = judged.filter(({ state }) => state === 'reassign')
  const owners = [...Map.groupBy(reassigned, ({ project, user }) => `${project?.id} ${user?.id}`).values()]
  const ofOwner = (some: readonly JudgedWorkload[]) => {
    const [{ project, user } = {}] = some
    return chunks(idsOf(some)).map(
      (ids) =>
        `workloadmgr workload-reassign-workloads --new_tenant_id ${quoteWord(project?.id ?? '')} --user_id ${quoteWord(user?.id ?? '')} --migrate_cloud True ${ids
          .map((id) => `--workload_ids ${id}`)
          .join(' ')}`,
    )
  }
  const scheduled = judged.filter(({ needsSchedule }) => needsSchedule)
  return {
    imports: repeated('workload-importworkloads', idsOf(judged.filter(({ state }) => state === 'imports'))),
    reassignments:
      mapFile === undefined
        ? owners.flatMap(ofOwner)
        : owners.length === 0
          ? []
          : [`workloadmgr workload-reassign-workloads --map_file ${quoteWord(mapFile)}`],
    schedules: repeated('enable-scheduler', idsOf(scheduled)),
    ...(owners.length > 0 && { mapFile: mapFileOf(owners) }),
  }
}

/** Only ids: nothing in it depends on names of the target. */
function mapFileOf(owners: readonly (readonly JudgedWorkload[])[]): string {
  const entries = owners.flatMap((some) => {
    const [{ project, user } = {}] = some
    return [
      '- old_tenant_ids: []',
      `  new_tenant_id: ${JSON.stringify(project?.id)}`,
      `  user_id: ${JSON.stringify(user?.id)}`,
      '  workload_ids:',
      ...some.map(({ workload }) => `  - ${JSON.stringify(workload.id)}`),
      '  migrate_cloud: True',
    ]
  })
  return `reassign_mappings:\n${entries.join('\n')}\n`
}

/** Returns ids in groups that are short enough for one command. */
export function chunks(ids: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(ids.length / maxIds) }, (_, nth) => ids.slice(nth * maxIds, (nth + 1) * maxIds))
}
