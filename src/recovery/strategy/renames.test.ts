import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inverseRenames, planRebase, type Rename } from './renames.ts'

describe('taking renames back', () => {
  const rename = (from: string, to: string): Rename => ({ path: '/image', from, to })

  it('goes to the name of before the first, from all that came after', () => {
    const cases: readonly (readonly [readonly Rename[], Omit<Rename, 'path'>])[] = [
      [[rename('a', 'b')], { from: 'b', to: 'a' }],
      [[rename('a', 'b'), rename('a', 'b')], { from: 'b', to: 'a' }],
      [[rename('a', 'b'), rename('b', 'c')], { from: 'c', also: ['b'], to: 'a' }],
      [[rename('a', 'b'), rename('b', 'c'), rename('b', 'd')], { from: 'd', also: ['c', 'b'], to: 'a' }],
      // Somebody else has given it a name in between: that is theirs.
      [[rename('a', 'b'), rename('x', 'c')], { from: 'c', to: 'x' }],
    ]
    for (const [renames, inverse] of cases) assert.deepEqual(inverseRenames(renames), [{ path: '/image', ...inverse }])
  })
})

describe('the plan of a rebase', () => {
  const pair = { local: '/mnt/local', origin: '/mnt/origin' }
  const image = (backing: string) => [{ path: '/mnt/local/a', backing }]

  it('leaves alone what has another parent', () => {
    for (const backing of ['/mnt/local/b', '/mnt/origins/b', 'relative', 'nbd://host/b'])
      assert.deepEqual(planRebase(image(backing), pair), { renames: [], refused: [] })
  })

  it('refuses names that would not be what they seem', () => {
    for (const backing of ['/mnt/origin/../b', '/mnt/origin/\uFFFD'])
      assert.equal(planRebase(image(backing), pair).refused.length, 1, backing)
  })

  it('refuses paths that mean something else', () => {
    assert.throws(() => planRebase([], { ...pair, local: '/mnt/../b' }), /not a path to bind/)
  })
})
