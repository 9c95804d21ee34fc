import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { needsOf } from './origin-needs.ts'

const origin = '/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0='
const targets = ['/var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ==', '/var/triliovault-mounts/L290aGVy']
const image = (target: number, path: string, parent?: string) => ({
  target,
  path,
  ...(parent !== undefined && { parent }),
  uid: 1,
  gid: 1,
  mtime: 0,
})

describe('needsOf', () => {
  it('returns nothing if each parent is found by its name', () => {
    const images = [image(0, 'workload_1/full'), image(0, 'workload_1/next', `${targets[0]}/workload_1/full`)]
    assert.deepEqual(needsOf(images, targets), { needs: [], broken: [] })
  })

  it('returns each origin path with the target that holds what images name there', () => {
    const images = [
      image(0, 'workload_1/full'),
      image(0, 'workload_1/next', `${origin}/workload_1/full`),
      image(1, 'workload_2/full'),
      image(1, 'workload_2/next', `json:{"file":{"filename":"${origin}/workload_2/full"}}`),
    ]
    const { needs } = needsOf(images, targets)
    assert.deepEqual(
      needs.map((need) => [need.origin, need.local, need.images]),
      targets.map((local) => [origin, local, 1]),
    )
    assert.equal(needs[0]?.was, 'the share 10.10.2.20:/upstream')
  })

  it('reports parents that no target holds, and names that are not paths of a target', () => {
    const images = [
      image(0, 'workload_1/a', `${origin}/workload_1/gone`),
      image(0, 'workload_1/b', 'nbd://host/x'),
      image(0, 'workload_1/c', '../workload_1/a'),
    ]
    assert.deepEqual(needsOf(images, targets), { needs: [], broken: [{ origin, images: 1 }, { images: 2 }] })
  })
})
