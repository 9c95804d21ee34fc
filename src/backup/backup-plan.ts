import { type ImagePlace, imagePath, keystoneIdFrom, uuidFrom } from '../target/layout.ts'
import type { InstanceNames } from './records.ts'

/** What is backed up: names, ids and sizes, all of them from a seed. */
export interface BackupPlan {
  readonly seed: string
  /** Version of the product that writes. It is only recorded. */
  readonly productVersion: string
  /** The cloud whose settings the product keeps on the target. */
  readonly cloudId: string
  readonly workloads: readonly WorkloadPlan[]
}

export interface WorkloadPlan {
  readonly name: string
  readonly id: string
  readonly userId: string
  readonly projectId: string
  readonly vms: readonly VmPlan[]
}

export interface VmPlan {
  readonly name: string
  readonly id: string
  /** Undefined if they are not recorded. */
  readonly parts?: InstanceNames
  readonly disks: readonly DiskPlan[]
}

export interface DiskPlan {
  /** e.g. `vda`. */
  readonly device: string
  /** Identifies the disk in its plan. Its content depends on this alone. */
  readonly seed: string
  /** A multiple of 512. */
  readonly virtualSizeBytes: number
}

/** A workload with its VMs, and the devices of each. */
export interface WorkloadShape {
  readonly name: string
  readonly vms: readonly { readonly name: string; readonly devices: readonly string[] }[]
}

export interface BackupPlanOptions {
  /** Default: `defaultWorkloads`. */
  readonly workloads?: readonly WorkloadShape[]
  /** Default `4.1`. */
  readonly productVersion?: string
  /** Name of the cloud. Default: the seed. */
  readonly cloud?: string
  /** Id of the cloud. Default: one that follows from its name. */
  readonly cloudId?: string
  /** The names that all instances are made of. Default: they are not recorded. */
  readonly parts?: InstanceNames
  /** The owner of all workloads. Default: one user, and a project for each workload. */
  readonly owner?: { readonly userId: string; readonly projectId: string }
}

const defaultWorkloads: readonly WorkloadShape[] = [
  {
    name: 'web',
    vms: [
      { name: 'web-1', devices: ['vda', 'vdb'] },
      { name: 'web-2', devices: ['vda', 'vdb'] },
    ],
  },
  { name: 'db', vms: [{ name: 'db-1', devices: ['vda'] }] },
]

/** Returns a plan. The same seed and options give the same one, ids included. */
export function planWorkloads(seed: string, options: BackupPlanOptions = {}): BackupPlan {
  let disks = 0
  const workloads = (options.workloads ?? defaultWorkloads).map((workload) => ({
    name: workload.name,
    id: uuidFrom(`${seed}/${workload.name}`),
    userId: options.owner?.userId ?? keystoneIdFrom(`${seed}/user`),
    projectId: options.owner?.projectId ?? keystoneIdFrom(`${seed}/${workload.name}/project`),
    vms: workload.vms.map((vm) => ({
      name: vm.name,
      id: uuidFrom(`${seed}/${workload.name}/${vm.name}`),
      ...(options.parts && { parts: options.parts }),
      disks: vm.devices.map((device) => ({
        device,
        seed: `${seed}/${workload.name}/${vm.name}/${device}`,
        virtualSizeBytes: virtualSize(disks++),
      })),
    })),
  }))
  const cloudId = options.cloudId ?? uuidFrom(`cloud ${options.cloud ?? seed}`)
  return { seed, productVersion: options.productVersion ?? '4.1', cloudId, workloads }
}

/** Returns a size of 1 GiB or more, another one for each disk. Every second one ends within a 64 KiB block. */
function virtualSize(nth: number): number {
  return 2 ** 30 + nth * 48 * 2 ** 20 + (nth % 2) * 3 * 512
}

/** A disk of a plan, with its VM and workload. */
export interface DiskInPlan {
  readonly workload: WorkloadPlan
  readonly vm: VmPlan
  readonly disk: DiskPlan
}

export function disksOf(plan: BackupPlan): readonly DiskInPlan[] {
  return plan.workloads.flatMap((workload) =>
    workload.vms.flatMap((vm) => vm.disks.map((disk) => ({ workload, vm, disk }))),
  )
}

export function snapshotIdOf(plan: BackupPlan, workload: WorkloadPlan, snapshot: number): string {
  return uuidFrom(`${plan.seed}/${workload.name}/snapshot ${snapshot}`)
}

/** Returns the place of a disk's image in the tree. The first snapshot is 1. */
export function placeOf(plan: BackupPlan, { workload, vm, disk }: DiskInPlan, snapshot: number): ImagePlace {
  return {
    workloadId: workload.id,
    snapshotId: snapshotIdOf(plan, workload, snapshot),
    vmId: vm.id,
    resourceId: uuidFrom(`${disk.seed}/resource ${snapshot}`),
    device: disk.device,
    imageId: uuidFrom(`${disk.seed}/image ${snapshot}`),
  }
}

/** Returns the paths of all images that a disk's snapshot is read through, itself first, relative to the mount path. */
export function chainOf(plan: BackupPlan, disk: DiskInPlan, snapshot: number): readonly string[] {
  return Array.from({ length: snapshot }, (_, back) => imagePath(placeOf(plan, disk, snapshot - back)))
}
