import assert from 'node:assert/strict'
import { it } from 'node:test'
import { blockBytes } from '../image/digest.ts'
import type { Extent } from './nbd/open-request.ts'
import { dataStretches } from './stretches.ts'

/** A disk by the lengths of its extents, data and zeroes in turn, with a maximum number of extents per answer. */
function diskOf(lengths: readonly number[], extentsAtOnce = 3) {
  const extents: Extent[] = []
  let sizeBytes = 0
  for (const [index, lengthBytes] of lengths.entries()) {
    extents.push({ offset: sizeBytes, lengthBytes, isZero: index % 2 === 1 })
    sizeBytes += lengthBytes
  }
  const asked: number[] = []
  const ask = async (offset: number, lengthBytes: number) => {
    asked.push(lengthBytes)
    return extents
      .filter((one) => one.offset + one.lengthBytes > offset && one.offset < offset + lengthBytes)
      .slice(0, extentsAtOnce)
      .map((one) => {
        const start = Math.max(one.offset, offset)
        return {
          ...one,
          offset: start,
          lengthBytes: Math.min(one.offset + one.lengthBytes, offset + lengthBytes) - start,
        }
      })
  }
  return { sizeBytes, ask, asked, extents }
}

const stretchesOf = async ({ sizeBytes, ask }: ReturnType<typeof diskOf>, maxBytes = 4 * blockBytes) =>
  (await Array.fromAsync(dataStretches(sizeBytes, maxBytes, ask))).map((one) => [one.offset, one.lengthBytes])

it('stretches are whole blocks around data, limited in length, and short at the end of the disk', async () => {
  assert.deepEqual(await stretchesOf(diskOf([])), [])
  assert.deepEqual(await stretchesOf(diskOf([0, 10 * blockBytes])), [])
  assert.deepEqual(await stretchesOf(diskOf([512])), [[0, 512]])
  // Data at the start, some in the second block, and one byte at the end.
  assert.deepEqual(await stretchesOf(diskOf([512, blockBytes, 512, 5 * blockBytes, 1])), [
    [0, blockBytes],
    [blockBytes, blockBytes],
    [6 * blockBytes, 1025],
  ])
  assert.deepEqual(await stretchesOf(diskOf([9 * blockBytes])), [
    [0, 4 * blockBytes],
    [4 * blockBytes, 4 * blockBytes],
    [8 * blockBytes, blockBytes],
  ])
})

it('stretches cover any disk exactly once and in order, however it is answered', async () => {
  let seed = 1
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed % below
  }
  for (let round = 0; round < 300; round++) {
    const lengths = Array.from({ length: random(20) }, () => 1 + random(3) * blockBytes + random(blockBytes))
    const disk = diskOf(lengths, 1 + random(5))
    const stretches = await stretchesOf(disk)
    let end = 0
    for (const [offset = 0, lengthBytes = 0] of stretches) {
      assert.ok(offset >= end && lengthBytes > 0 && lengthBytes <= 4 * blockBytes)
      assert.equal(offset % blockBytes, 0)
      end = offset + lengthBytes
      assert.ok(end <= disk.sizeBytes && (end % blockBytes === 0 || end === disk.sizeBytes))
    }
    for (const { offset, lengthBytes, isZero } of disk.extents) {
      for (const at of [offset, offset + lengthBytes - 1]) {
        const isThere = stretches.some(([start = 0, length = 0]) => start <= at && at < start + length)
        assert.ok(isZero || isThere, `${at} in ${JSON.stringify(lengths)}`)
      }
    }
  }
})

it('queries grow while answers are quick', async () => {
  const disk = diskOf([0, 2 ** 40])
  await stretchesOf(disk)
  assert.equal(Math.max(...disk.asked), 2 ** 31)
  assert.ok(disk.asked.length < 520)
})
