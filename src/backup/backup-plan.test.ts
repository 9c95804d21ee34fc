import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { disksOf, planWorkloads } from './backup-plan.ts'
import { changesBefore } from './changes.ts'

const folder = mkdtempSync(join(tmpdir(), 'backup-'))
chmodSync(folder, 0o755)
after(() => rmSync(folder, { recursive: true }))

test('two plans with the same seed are equal, and the default is what scenarios expect', () => {
  const plan = planWorkloads('a')
  assert.deepEqual(planWorkloads('a'), plan)
  assert.notEqual(planWorkloads('b').workloads[0]?.id, plan.workloads[0]?.id)
  const disks = disksOf(plan).map(({ disk }) => disk)
  assert.equal(disks.length, 5)
  assert.equal(new Set(disks.map((disk) => disk.virtualSizeBytes)).size, 5)
  assert.ok(disks.every((disk) => disk.virtualSizeBytes >= 2 ** 30 && disk.virtualSizeBytes % 512 === 0))
  assert.ok(disks.some((disk) => disk.virtualSizeBytes % 65_536 !== 0))
})

test('the changes of a disk are inside it, in whole sectors, and worth a backup', () => {
  for (const seed of Array.from({ length: 30 }, (_, nth) => `seed ${nth}`)) {
    for (const { disk } of disksOf(planWorkloads(seed))) {
      const intervals = [1, 2, 3, 4].map((snapshot) => changesBefore(snapshot, disk))
      const all = intervals.flat()
      for (const { offset, lengthBytes } of all) {
        assert.ok(lengthBytes > 0 && offset >= 0 && offset + lengthBytes <= disk.virtualSizeBytes)
        assert.equal((offset % 512) | (lengthBytes % 512), 0)
      }
      const written = all
        .filter((change) => change.kind === 'data')
        .reduce((sum, change) => sum + change.lengthBytes, 0)
      assert.ok(written >= 20 * 2 ** 20, `${written}`)
      for (const changes of intervals.slice(1)) {
        for (const kind of ['data', 'zero', 'discard'])
          assert.ok(
            changes.some((change) => change.kind === kind),
            kind,
          )
      }
    }
  }
})
