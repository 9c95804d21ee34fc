import assert from 'node:assert/strict'
import { it } from 'node:test'
import { priorityOf, Slicer } from './slicing.ts'
import type { Slice } from './store.ts'

function slicesOf(count: number, bytes: number): readonly Slice[] {
  const slicer = new Slicer()
  const slices: Slice[] = []
  for (let n = 0; n < count; n++) {
    const full = slicer.add({ workloadId: `w-${n % 7}`, path: `path-${n}`, key: `key-${n}`, bytes })
    if (full) slices.push(full)
  }
  const rest = slicer.rest()
  return rest === undefined ? slices : [...slices, rest]
}

it('slices hold each disk once, are many for a small target, and have at most 1000 disks or 50 GiB', () => {
  for (const [count, bytes, atLeast] of [
    [0, 1, 0],
    [1, 1, 1],
    [2000, 1, 15],
    [100_000, 1, 120],
    [100, 2 ** 31, 30],
    [5000, 2 ** 30, 100],
    [3, 2 ** 40, 3],
  ] as const) {
    const slices = slicesOf(count, bytes)
    const paths = slices.flatMap(({ manifest }) => manifest.disks.map(({ path }) => path))
    assert.equal(new Set(paths).size, count)
    assert.equal(paths.length, count)
    assert.ok(slices.length >= atLeast, `${slices.length} slices of ${count} disks`)
    for (const { manifest, bytes: sum } of slices) {
      assert.ok(manifest.disks.length <= 1000)
      assert.ok(sum <= 50 * 2 ** 30 || manifest.disks.length === 1)
    }
    assert.equal(new Set(slices.map(({ digest }) => digest)).size, slices.length)
  }
})

it('slices with more to read come first, and of equal ones those with more disks', () => {
  const [small, many, huge, beyond] = [slicesOf(1, 1), slicesOf(60, 1), slicesOf(1, 2 ** 40), slicesOf(1, 2 ** 60)].map(
    ([slice]) => (slice === undefined ? Number.NaN : priorityOf(slice)),
  )
  assert.deepEqual([small, many, huge, beyond], [17, 961, 2 ** 20 + 16, 2 ** 31 - 1])
})
