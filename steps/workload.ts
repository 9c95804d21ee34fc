// Workloads and their backups
import { Given } from '@cucumber/cucumber'
import type { DrillWorld } from './support/world.ts'

/**
 * The primary site backs up a new workload, to its first share unless another one is named. The content of every
 * snapshot is recorded, to judge restores by.
 * @example Given workload "web" of 2 VMs with 2 disks each has a full snapshot and 3 incremental snapshots
 * @example Given workload "db" of 1 VM with 1 disk has a full snapshot and 1 incremental snapshot on "10.10.2.20:/silver"
 */
Given(
  'workload {string} of {int} VM(s) with {int} disk(s)( each) has a full snapshot and {int} incremental snapshot(s){onShare}',
  async function (this: DrillWorld, name: string, vms: number, disks: number, incrementals: number, share?: string) {
    const scale = { vms, disksOfEach: disks, snapshots: 1 + incrementals }
    await this.rehearsal.backups.take(name, share === undefined ? scale : { ...scale, share })
  },
)

/**
 * The site that backs a workload up takes more snapshots of it, under its current mount path.
 * @example Given workload "web" gets 2 more incremental snapshots
 */
Given(
  'workload {string} gets {int} more incremental snapshot(s)',
  async function (this: DrillWorld, name: string, incrementals: number) {
    await this.rehearsal.backups.takeMore(name, incrementals)
  },
)
