import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FoundSnapshot, FoundWorkload } from '../assess/scan/found.ts'
import { shardNumberOf } from '../assess/scan/selected-vm.ts'
import { mergedWorkload } from './merged-workload.ts'

const workloadId = 'w'
/** A VM of each of two shards. */
const vms = [1, 2].map((number) => {
  for (let n = 0; ; n++) if (shardNumberOf(workloadId, `vm-${n}`, 2) === number) return `vm-${n}`
})
const [vmOfOne = '', vmOfTwo = ''] = vms
const diskOf = (vmId: string) => ({
  vmId,
  resourceId: `disk-of-${vmId}`,
  device: 'vda',
  folder: `workload_w/snapshot_s/vm_id_${vmId}/vm_res_id_x_vda`,
  images: [],
})
const snapshotOf = (more: Partial<FoundSnapshot>): FoundSnapshot => ({
  snapshotId: 's',
  resources: vms.map((vmId) => ({ resourceId: `disk-of-${vmId}`, vmId })),
  disks: [],
  problems: [],
  oddities: [],
  ...more,
})
const workloadOf = (...snapshots: readonly FoundSnapshot[]): FoundWorkload => ({
  workloadId,
  parts: [{ target: 0, record: { name: 'web' }, snapshots, problems: [], oddities: [] }],
})
const mergedOf = (...found: readonly (FoundWorkload | undefined)[]): FoundSnapshot | undefined =>
  mergedWorkload({
    workloadId,
    count: 2,
    found: new Map(found.flatMap((one, index) => (one === undefined ? [] : [[index + 1, one] as const]))),
    whyAbsent: (number) => `shard ${number} is absent`,
  }).parts[0]?.snapshots[0]

const one = snapshotOf({ disks: [diskOf(vmOfOne)] })
const two = snapshotOf({ disks: [diskOf(vmOfTwo)] })

describe('a workload that shards found', () => {
  it('has the disks of each shard, and nothing that counts as not read', () => {
    const merged = mergedOf(workloadOf(one), workloadOf(two))
    assert.deepEqual(merged?.disks.map(({ vmId }) => vmId).sort(), vms.toSorted())
    assert.equal(merged?.unread, undefined)
  })

  it('takes no disk from a shard that it does not belong to', () => {
    const both = snapshotOf({ disks: vms.map(diskOf) })
    assert.equal(mergedOf(workloadOf(both), workloadOf(both))?.disks.length, 2)
  })

  it('has a snapshot that was not read where a shard is absent whose VM it has', () => {
    assert.equal(mergedOf(workloadOf(one))?.unread, 'shard 2 is absent')
    assert.equal(mergedOf(undefined, workloadOf(two))?.unread, 'shard 1 is absent')
  })

  it('has a snapshot that was not read where the records do not show whose VMs it has', () => {
    const { resources: _, ...unclear } = one
    assert.equal(mergedOf(workloadOf(unclear))?.unread, 'shard 2 is absent')
    const unnamed = snapshotOf({ resources: [{ resourceId: 'x' }], disks: [diskOf(vmOfOne)] })
    assert.equal(mergedOf(workloadOf(unnamed))?.unread, 'shard 2 is absent')
  })

  it('needs no shard without a VM in its snapshots', () => {
    const small = snapshotOf({
      resources: [{ resourceId: `disk-of-${vmOfOne}`, vmId: vmOfOne }],
      disks: [diskOf(vmOfOne)],
    })
    assert.equal(mergedOf(workloadOf(small))?.unread, undefined)
  })

  it('has a snapshot that was not read where its records changed between shards', () => {
    const changed = snapshotOf({ record: { status: 'available' }, disks: [diskOf(vmOfTwo)] })
    assert.equal(mergedOf(workloadOf(one), workloadOf(changed))?.unread, 'its records changed between shards')
  })

  it('has a snapshot that only one shard found', () => {
    assert.equal(mergedOf(workloadOf(), workloadOf(two))?.unread, 'shard 1 is absent')
  })
})
