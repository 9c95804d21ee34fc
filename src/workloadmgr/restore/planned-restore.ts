import type { ManagerConfig } from '../manager-config.ts'
import type { RestoredRow, RestoreRow } from '../store/state-schema.ts'
import {
  addedUsage,
  type CountedInstance,
  type FlavorSizes,
  noUsage,
  type ProjectUsage,
  usageOf,
} from './project-quota.ts'
import type { RestoreKind, SavedDisk, SavedVm } from './restore-plan.ts'

/** A disk of a restore, and its file on the compute. */
export interface DiskOfRestore extends SavedDisk {
  readonly path: string
}

/** An instance that a restore makes, or overwrites in place. */
export interface PlannedInstance extends Omit<SavedVm, 'disks'> {
  /** The id of the instance of this cloud. */
  readonly instanceId: string
  readonly disks: readonly DiskOfRestore[]
}

/** The folder of one restore on a compute. */
export function restoreFolder({ instancesFolder = '/srv/instances' }: ManagerConfig, restoreId: string): string {
  return `${instancesFolder}/${restoreId}`
}

/** The instances of a restore in the database. */
export const instancesOfRestore = ({ plan }: Pick<RestoreRow, 'plan'>): readonly PlannedInstance[] =>
  plan as readonly PlannedInstance[]

/** The disks of an instance of this cloud. */
export const disksOfInstance = ({ disks }: Pick<RestoredRow, 'disks'>): readonly DiskOfRestore[] =>
  disks as readonly DiskOfRestore[]

const countedInstance = (row: RestoredRow): CountedInstance => ({
  disks: disksOfInstance(row),
  ...(row.flavor !== undefined && { flavor: row.flavor }),
})

/** True if a restore has no final status. */
export const isUnfinished = ({ status }: Pick<RestoreRow, 'status'>): boolean =>
  status === 'restoring' || status === 'executing'

/** Returns what a restore needs. An instance in place exists, but its new volumes exist beside the old ones for a while. */
export function neededBy(kind: RestoreKind, instances: readonly CountedInstance[], flavors: FlavorSizes): ProjectUsage {
  const usage = usageOf(instances, flavors, 1)
  return kind === 'inplace' ? { ...usage, instances: 0, cores: 0, ramMib: 0 } : usage
}

/** Returns what a project uses: its restored instances, and the restores that are not finished. */
export function usedBy(
  restored: readonly RestoredRow[],
  restores: readonly RestoreRow[],
  flavors: FlavorSizes,
): ProjectUsage {
  const running = restores.filter(isUnfinished)
  return addedUsage([
    noUsage,
    usageOf(restored.map(countedInstance), flavors),
    ...running.map((row) => neededBy(row.type as RestoreKind, instancesOfRestore(row), flavors)),
  ])
}
