import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ImageOnTarget } from '../images/find-images.ts'
import { landmarks, withoutHeads } from './expected-images.ts'

const image = (path: string, mtime: number, parent?: string): ImageOnTarget => ({
  ...{ target: 0, path, mtime, uid: 1, gid: 1 },
  ...(parent !== undefined && { parent }),
})

describe('the images that are expected', () => {
  it('are the oldest and then the newest one of each workload', () => {
    const images = [
      image('b/2', 2),
      image('a/3', 3),
      image('a/1', 1),
      image('b/1', 1),
      image('a/2', 2),
      image('c/1', 7),
    ]
    assert.deepEqual(landmarks(images), ['a/1', 'a/3', 'b/1', 'b/2', 'c/1'])
  })
  it('are a full and an incremental one if all have the same time', () => {
    assert.deepEqual(landmarks([image('a/1', 1, 'x'), image('a/2', 1), image('a/3', 1, 'x')]), ['a/2', 'a/3'])
  })
  it('are those of evenly chosen workloads if there are many', () => {
    const named = (index: number) => `${1000 + index}/image`
    const chosen = landmarks(Array.from({ length: 1000 }, (_, index) => image(named(index), index)))
    assert.equal(chosen.length, 128)
    assert.equal(chosen[0], named(0))
    assert.ok(chosen.includes(named(500)) && (chosen.at(-1) ?? '') > named(990))
    const few = Array.from({ length: 128 }, (_, index) => image(named(index), index))
    assert.equal(landmarks(few).length, 128)
  })
  it('are recognized without their first bytes where a recovery writes to them', () => {
    const one = { path: 'a/1', sizeBytes: 1, mtimeMs: 1, tail: 'tail' }
    const expected = [{ target: '/m', images: [{ ...one, head: 'head' }] }]
    assert.deepEqual(withoutHeads(expected), [{ target: '/m', images: [one] }])
  })
})
