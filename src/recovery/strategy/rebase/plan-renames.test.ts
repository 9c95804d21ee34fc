import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inverseRenames, type ParentRename } from '../../action/parent-renames.ts'
import { needsOf } from '../../images/origin-needs.ts'
import { planRenames, renamesBetween } from './plan-renames.ts'

describe('inverseRenames', () => {
  const rename = (from: string, to: string): ParentRename => ({ path: '/image', from, to })

  it('restores the name before the first rename, from each name that came after it', () => {
    const cases: readonly (readonly [readonly ParentRename[], Omit<ParentRename, 'path'>])[] = [
      [[rename('a', 'b')], { from: 'b', to: 'a' }],
      [[rename('a', 'b'), rename('a', 'b')], { from: 'b', to: 'a' }],
      [[rename('a', 'b'), rename('b', 'c')], { from: 'c', also: ['b'], to: 'a' }],
      [[rename('a', 'b'), rename('b', 'c'), rename('b', 'd')], { from: 'd', also: ['c', 'b'], to: 'a' }],
      // A name that was given in between by others is theirs.
      [[rename('a', 'b'), rename('x', 'c')], { from: 'c', to: 'x' }],
    ]
    for (const [renames, inverse] of cases) assert.deepEqual(inverseRenames(renames), [{ path: '/image', ...inverse }])
  })
})

describe('planRenames', () => {
  const [local, origin] = ['/mnt/L2xvY2Fs', '/mnt/L29yaWdpbg==']
  const image = (path: string, parent?: string) => ({
    ...{ target: 0, path, uid: 1, gid: 1, mtime: 0 },
    ...(parent !== undefined && { parent: `${origin}/${parent}` }),
  })
  const images = [image('workload_1/a'), image('workload_1/b', 'workload_1/a'), image('workload_1/c', 'workload_1/x')]
  const hidden = (path: string, isImage: boolean) => [{ target: 0, path, hidden: 'EACCES', isImage }]
  const renamed = (facts: Parameters<typeof planRenames>[0]) => {
    const { needs } = needsOf({ images: facts.images, hidden: facts.hidden ?? [] }, [local])
    return planRenames(facts, needs, [local]).renames.map(({ path }) => path.slice(local.length + 1))
  }

  it('renames a parent that could not be read, and none whose place is unknown', () => {
    assert.deepEqual(renamed({ images }), ['workload_1/b'])
    assert.deepEqual(renamed({ images, hidden: hidden('workload_1/x', true) }), ['workload_1/b', 'workload_1/c'])
    assert.deepEqual(renamed({ images, hidden: hidden('workload_1', false) }), ['workload_1/b'])
  })
})

describe('renamesBetween', () => {
  const pair = { local: '/mnt/local', origin: '/mnt/origin' }
  const image = (backing: string) => [{ path: '/mnt/local/a', backing }]

  it('leaves images alone whose parents are elsewhere', () => {
    for (const backing of ['/mnt/local/b', '/mnt/origins/b', 'relative', 'nbd://host/b'])
      assert.deepEqual(renamesBetween(image(backing), pair), { renames: [], refused: [] })
  })

  it('refuses names that are not plain UTF-8 paths', () => {
    for (const backing of ['/mnt/origin/../b', '/mnt/origin/\uFFFD'])
      assert.equal(renamesBetween(image(backing), pair).refused.length, 1, backing)
  })

  it('throws for mount paths that are not plain', () => {
    assert.throws(() => renamesBetween([], { ...pair, local: '/mnt/../b' }), /not a path to bind/)
  })
})
