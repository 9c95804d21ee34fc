import { InputError } from '../../errors.ts'
import { nearest } from '../../input/nearest.ts'
import type { RestoreFile } from './restore-file.ts'

/** The ways to restore a snapshot [doc]. */
export const restoreKinds = ['oneclick', 'inplace', 'selective'] as const
export type RestoreKind = (typeof restoreKinds)[number]

/** A disk in a snapshot, as its records describe it. */
export interface SavedDisk {
  /** e.g. `vda`. */
  readonly device: string
  readonly volumeId: string
  /** Undefined if the records do not name it. */
  readonly volumeType?: string
  /** The image that a restore reads, relative to the mount path. */
  readonly imagePath: string
  readonly virtualSizeBytes: number
}

/** A VM in a snapshot, as its records describe it. */
export interface SavedVm {
  readonly id: string
  readonly name: string
  /** Undefined if the records do not name it. */
  readonly flavor?: string
  readonly networks: readonly string[]
  readonly disks: readonly SavedDisk[]
}

/** The names that a cloud can make instances of. */
export interface InstanceParts {
  readonly flavors: readonly string[]
  readonly networks: readonly string[]
  readonly volumeTypes: readonly string[]
}

/**
 * Returns the instances that a restore makes, with the names of this cloud.
 * @param file the options of a selective restore
 * @throws InputError for each VM, disk, flavor, network or volume type that does not exist, with the nearest one that does
 */
export function planInstances(
  vms: readonly SavedVm[],
  kind: RestoreKind,
  cloud: InstanceParts,
  file?: RestoreFile,
): readonly SavedVm[] {
  const plan = kind === 'selective' && file !== undefined ? selected(vms, file) : vms
  if (plan.length === 0) throw new InputError('the restore includes no instance')
  // An instance in place keeps its flavor, networks and volumes.
  if (kind === 'inplace') return plan
  const problems = plan.flatMap(({ name, flavor, networks, disks }) => {
    const types = disks.flatMap(({ volumeType }) => volumeType ?? [])
    return [
      ...unknownNames('flavor', flavor === undefined ? [] : [flavor], cloud.flavors),
      ...unknownNames('network', networks, cloud.networks),
      ...unknownNames('volume type', types, cloud.volumeTypes),
    ].map((problem) => `instance ${name}: ${problem}`)
  })
  if (problems.length === 0) return plan
  const remedy = 'Map it to a name of this cloud in restore.json, and use snapshot-selective-restore.'
  throw new InputError(problems.join('\n'), { remedy })
}

function selected(vms: readonly SavedVm[], { openstack }: RestoreFile): readonly SavedVm[] {
  const pairs = openstack.networks_mapping.networks
  const networks = new Map(pairs.map((pair) => [pair.snapshot_network, pair.target_network]))
  const saved = [...new Set(vms.flatMap((vm) => vm.networks))]
  for (const name of networks.keys()) found('network', name, saved, 'the snapshot')
  const mapped = vms.map((vm) => ({ ...vm, networks: vm.networks.map((name) => networks.get(name) ?? name) }))
  if (openstack.instances.length === 0) return mapped
  const wanted = openstack.instances.map((instance) => ({
    instance,
    vm: mapped.find(({ id }) => id === found('instance', instance.id, idsOf(vms), 'the snapshot')),
  }))
  return wanted.flatMap(({ instance, vm }) => {
    if (vm === undefined || !instance.include) return []
    const types = new Map(
      instance.vdisks.map(({ id, new_volume_type: type }) => [
        found('volume', id, volumesOf(vm), `instance ${vm.name}`),
        type,
      ]),
    )
    const disks = vm.disks.map((disk) => {
      const volumeType = types.get(disk.volumeId) ?? disk.volumeType
      return { ...disk, ...(volumeType !== undefined && { volumeType }) }
    })
    const flavor = instance.flavor ?? vm.flavor
    return [{ ...vm, name: instance.name ?? vm.name, ...(flavor !== undefined && { flavor }), disks }]
  })
}

const idsOf = (vms: readonly SavedVm[]): readonly string[] => vms.map(({ id }) => id)
const volumesOf = (vm: SavedVm): readonly string[] => vm.disks.map(({ volumeId }) => volumeId)

function unknownNames(what: string, wanted: readonly string[], names: readonly string[]): readonly string[] {
  return [...new Set(wanted)]
    .filter((name) => !names.includes(name))
    .map((name) => `${what} ${JSON.stringify(name)} does not exist in this cloud${didYouMean(name, names)}`)
}

/** Returns a name or id that exists. @throws InputError */
function found(what: string, name: string, names: readonly string[], place: string): string {
  if (names.includes(name)) return name
  throw new InputError(`${place} has no ${what} ${JSON.stringify(name)}${didYouMean(name, names)}`)
}

function didYouMean(name: string, names: readonly string[]): string {
  const meant = nearest(name, names)
  if (meant !== undefined) return `: did you mean ${meant}?`
  return names.length === 0 ? '' : `: known are ${names.join(', ')}`
}
