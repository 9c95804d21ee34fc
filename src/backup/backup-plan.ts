import { type ImagePlace, imagePath, keystoneIdFrom, uuidFrom } from '../target/layout.ts'

/** What there is to back up: names, ids and sizes, all of them from a seed. */
export interface BackupPlan {
  readonly seed: string
  /** Of the product that writes; only recorded. */
  readonly productVersion: string
  /** Of the cloud whose settings the product keeps on the target. */
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
  readonly disks: readonly DiskPlan[]
}

export interface DiskPlan {
  /** e.g. `vda`. */
  readonly device: string
  /** Identifies the disk in its plan; its content depends on this alone. */
  readonly seed: string
  /** A multiple of 512. */
  readonly virtualSizeBytes: number
}

/** Which workloads, their VMs, and the devices of each. */
export type Shape = readonly {
  readonly name: string
  readonly vms: readonly { readonly name: string; readonly devices: readonly string[] }[]
}[]

export interface BackupPlanOptions {
  /** Default: `background`. */
  readonly workloads?: Shape
  /** Default `4.1`. */
  readonly productVersion?: string
  /** The cloud's name; default: the seed. */
  readonly cloud?: string
}

/** What scenarios have when they ask for nothing else. */
const background: Shape = [
  {
    name: 'web',
    vms: [
      { name: 'web-1', devices: ['vda', 'vdb'] },
      { name: 'web-2', devices: ['vda', 'vdb'] },
    ],
  },
  { name: 'db', vms: [{ name: 'db-1', devices: ['vda'] }] },
]

/** The same seed and options give the same plan, ids included. */
export function planWorkloads(seed: string, options: BackupPlanOptions = {}): BackupPlan {
  let disks = 0
  const workloads = (options.workloads ?? background).map((workload) => ({
    name: workload.name,
    id: uuidFrom(`${seed}/${workload.name}`),
    userId: keystoneIdFrom(`${seed}/user`),
    projectId: keystoneIdFrom(`${seed}/${workload.name}/project`),
    vms: workload.vms.map((vm) => ({
      name: vm.name,
      id: uuidFrom(`${seed}/${workload.name}/${vm.name}`),
      disks: vm.devices.map((device) => ({
        device,
        seed: `${seed}/${workload.name}/${vm.name}/${device}`,
        virtualSizeBytes: virtualSize(disks++),
      })),
    })),
  }))
  const cloudId = uuidFrom(`cloud ${options.cloud ?? seed}`)
  return { seed, productVersion: options.productVersion ?? '4.1', cloudId, workloads }
}

/** 1 GiB and more, each another; every second one ends within a 64 KiB block. */
function virtualSize(nth: number): number {
  return 2 ** 30 + nth * 48 * 2 ** 20 + (nth % 2) * 3 * 512
}

/** A disk of a plan and what it belongs to. */
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

/** Where the image of a disk in a snapshot (1 for the first one) is in the tree. */
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

/** Paths relative to the mount path of all images that a disk's snapshot reads through, itself first. */
export function chainOf(plan: BackupPlan, disk: DiskInPlan, snapshot: number): readonly string[] {
  return Array.from({ length: snapshot }, (_, back) => imagePath(placeOf(plan, disk, snapshot - back)))
}
