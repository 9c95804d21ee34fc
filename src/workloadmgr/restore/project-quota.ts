import type { People } from '../../identity/people.ts'

/** What a project uses of its quota, or would use. A restore needs spare instances, volumes and snapshots. */
export interface ProjectUsage {
  readonly instances: number
  readonly cores: number
  readonly ramMib: number
  readonly volumes: number
  readonly snapshots: number
  readonly gigabytes: number
}

/** A resource that a project has too little of. */
export interface QuotaShortage {
  readonly resource: keyof ProjectUsage
  readonly limit: number
  readonly used: number
  readonly needed: number
}

export const noUsage: ProjectUsage = { instances: 0, cores: 0, ramMib: 0, volumes: 0, snapshots: 0, gigabytes: 0 }

/** What an instance of each flavor uses, by the name of the flavor. */
export type FlavorSizes = Readonly<Record<string, { readonly vcpus: number; readonly ramMib: number }>>

/** An instance, as far as quotas count it. */
export interface CountedInstance {
  readonly flavor?: string
  readonly disks: readonly { readonly virtualSizeBytes: number }[]
}

const resources = Object.keys(noUsage) as readonly (keyof ProjectUsage)[]

const gibibyte = 2 ** 30

/**
 * Returns what instances use. Cinder counts whole gigabytes for each volume. An instance whose flavor has no size in this
 * cloud, or is not recorded, counts no cores and no memory.
 * @param snapshotsOfEachVolume while a restore or a backup runs, each volume has a snapshot
 */
export function usageOf(
  instances: readonly CountedInstance[],
  flavors: FlavorSizes,
  snapshotsOfEachVolume = 0,
): ProjectUsage {
  const disks = instances.flatMap((instance) => instance.disks)
  const sizes = instances.flatMap(({ flavor = '' }) => (Object.hasOwn(flavors, flavor) ? (flavors[flavor] ?? []) : []))
  return {
    instances: instances.length,
    cores: sizes.reduce((sum, { vcpus }) => sum + vcpus, 0),
    ramMib: sizes.reduce((sum, { ramMib }) => sum + ramMib, 0),
    volumes: disks.length,
    snapshots: disks.length * snapshotsOfEachVolume,
    gigabytes: disks.reduce((sum, disk) => sum + Math.ceil(disk.virtualSizeBytes / gibibyte), 0),
  }
}

/** Returns the sum of what several parts use. */
export function addedUsage(parts: readonly ProjectUsage[]): ProjectUsage {
  const sum = { ...noUsage }
  for (const part of parts) for (const resource of resources) sum[resource] += part[resource]
  return sum
}

/** Returns the resources that a project has too little of. A resource without a limit, or with the limit -1, is unlimited. */
export function quotaShortages(
  people: People,
  projectId: string,
  used: ProjectUsage,
  needed: ProjectUsage,
): readonly QuotaShortage[] {
  return resources.flatMap((resource) => {
    const quota = people.data.quotas.find((one) => one.projectId === projectId && one.resource === resource)
    const limit = quota?.limit ?? -1
    const isEnough = limit < 0 || needed[resource] === 0 || used[resource] + needed[resource] <= limit
    return isEnough ? [] : [{ resource, limit, used: used[resource], needed: needed[resource] }]
  })
}
