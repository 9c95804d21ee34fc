import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HiddenPlace } from './find-images.ts'
import { lostParentsSentence, needsOf } from './origin-needs.ts'

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
    assert.deepEqual(needsOf({ images, hidden: [] }, targets), { needs: [], broken: [], unclear: [] })
  })

  it('returns each origin path with the target that holds what images name there', () => {
    const images = [
      image(0, 'workload_1/full'),
      image(0, 'workload_1/next', `${origin}/workload_1/full`),
      image(1, 'workload_2/full'),
      image(1, 'workload_2/next', `json:{"file":{"filename":"${origin}/workload_2/full"}}`),
    ]
    const { needs } = needsOf({ images, hidden: [] }, targets)
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
    assert.deepEqual(needsOf({ images, hidden: [] }, targets), {
      needs: [],
      broken: [{ origin, images: 1 }, { images: 2 }],
      unclear: [],
    })
  })

  const child = image(0, 'workload_1/snapshot_2/vm_id_1/d/child', `${origin}/workload_1/snapshot_1/vm_id_1/d/full`)
  const broken = [{ origin, images: 1 }]

  /** Each is a place on the way to the parent, or the parent itself. */
  const hiding: readonly (Partial<HiddenPlace> & { readonly path: string })[] = [
    { path: 'workload_1/snapshot_1/vm_id_1/d' },
    { path: 'workload_1/snapshot_1/vm_id_1' },
    { path: 'workload_1/snapshot_1' },
    { path: 'workload_1' },
    { path: '' },
    { path: '', target: 1 },
    { path: 'workload_1/snapshot_1', isGone: true },
    { path: 'workload_1/snapshot_1/vm_id_1/d/full', isImage: true, isGone: true },
  ]
  for (const place of hiding)
    it(`does not know where a parent is that may be in ${JSON.stringify(place)}`, () => {
      const hidden = [{ target: 0, hidden: 'Permission denied (EACCES)', ...place }]
      const { target } = hidden[0] ?? assert.fail()
      const path = [targets[target], place.path].filter((part) => part !== '').join('/')
      assert.deepEqual(needsOf({ images: [child], hidden }, targets), {
        needs: [],
        broken: [],
        unclear: [{ origin, images: 1, hidden: `${path}: Permission denied (EACCES)` }],
      })
    })

  it('needs the origin path of a parent that exists, although it could not be read', () => {
    const hidden = [
      { target: 1, path: 'workload_1/snapshot_1/vm_id_1/d/full', hidden: 'Input/output error (EIO)', isImage: true },
    ]
    const { needs, ...others } = needsOf({ images: [child], hidden }, targets)
    assert.deepEqual(others, { broken: [], unclear: [] })
    assert.deepEqual(
      needs.map((need) => [need.origin, need.local]),
      [[origin, targets[1]]],
    )
  })

  for (const path of ['workload_2', 'workload_1/snapshot_10', 'workload_1/snapshot_1/vm_id_1/d/ful', 'workload'])
    it(`still misses a parent that cannot be in ${path}`, () => {
      const hidden = [{ target: 0, path, hidden: 'Permission denied (EACCES)' }]
      assert.deepEqual(needsOf({ images: [child], hidden }, targets), { needs: [], broken, unclear: [] })
    })

  it('reports the images of one origin path together, with the first place and how many more', () => {
    const images = [1, 2, 3].map((number) => image(0, `workload_1/${number}`, `${origin}/workload_${number}/full`))
    const hidden = [1, 2, 3].map((number) => ({ target: 0, path: `workload_${number}`, hidden: 'EIO' }))
    const { unclear } = needsOf({ images, hidden }, targets)
    assert.deepEqual(unclear.map(lostParentsSentence), [
      `3 images name parents below ${origin} that may be where nothing could be read: ${targets[0]}/workload_1: EIO (and 2 more places)`,
    ])
  })
})
