import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { needsOf } from './needs.ts'
import { recommend } from './recommend.ts'

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

describe('what a site needs', () => {
  it('is nothing where each parent is found by its name', () => {
    const images = [image(0, 'workload_1/full'), image(0, 'workload_1/next', `${targets[0]}/workload_1/full`)]
    assert.deepEqual(needsOf(images, targets), { needs: [], broken: [] })
    assert.equal(recommend([], [], 0), undefined)
  })

  it('is each origin path, with the target that has what is named there', () => {
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

  it('cannot be told of parents that are nowhere, and of names that are no paths', () => {
    const images = [
      image(0, 'workload_1/a', `${origin}/workload_1/gone`),
      image(0, 'workload_1/b', 'nbd://host/x'),
      image(0, 'workload_1/c', '../workload_1/a'),
    ]
    assert.deepEqual(needsOf(images, targets), { needs: [], broken: [{ origin, images: 1 }, { images: 2 }] })
  })

  const need = { origin, local: targets[0] ?? '', was: '', images: 1 }
  const passing = { origin, why: 'it is not empty', remedy: '' }
  const lasting = { origin, why: 'the product mounts it', remedy: '', isLasting: true } as const

  it('is a bind, unless one will not do', () => {
    assert.equal(recommend([need], [], 0)?.strategy, 'bind-mount')
    assert.equal(recommend([need], [passing], 0)?.strategy, 'bind-mount')
    assert.deepEqual(recommend([need], [passing, lasting], 0), { strategy: 'rebase', why: 'the product mounts it' })
    assert.match(recommend([need], [lasting], 3)?.why ?? '', /^3 images cannot be given other names/)
  })
})
