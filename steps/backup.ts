import { type DataTable, Given } from '@cucumber/cucumber'
import { readShapeTable } from '../src/index.ts'
import { readsTable } from './support/reads-table.ts'
import type { DrillWorld } from './support/world.ts'

Given(
  'workload {string} of {int} VM(s) with {int} disk(s)( each) has a full snapshot and {int} incremental snapshot(s)',
  async function (this: DrillWorld, name: string, vms: number, disks: number, incrementals: number) {
    await this.rehearsal.backUp(name, { vms, disksOfEach: disks, snapshots: 1 + incrementals })
  },
)

Given(
  'workload {string} of {int} VM(s) with {int} disk(s)( each) has a full snapshot and {int} incremental snapshot(s) on {share}',
  async function (this: DrillWorld, name: string, vms: number, disks: number, incrementals: number, share: string) {
    await this.rehearsal.backUp(name, { vms, disksOfEach: disks, snapshots: 1 + incrementals, share })
  },
)

Given(
  'workload {string} gets {int} more incremental snapshot(s)',
  async function (this: DrillWorld, name: string, incrementals: number) {
    await this.rehearsal.backUpAgain(name, incrementals)
  },
)

Given('the share {share} holds other images of the same names', async function (this: DrillWorld, share: string) {
  await this.rehearsal.writeDecoys(share)
})

const shapeIn = (table: DataTable) => readShapeTable(table.rowsHash())

Given(
  'the share {share} holds a generated target of this shape:',
  readsTable(shapeIn),
  async function (this: DrillWorld, share: string, shape: DataTable) {
    await this.rehearsal.holdTarget(share, shapeIn(shape))
  },
)
