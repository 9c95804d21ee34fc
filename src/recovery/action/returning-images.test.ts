import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { returningImages } from './returning-images.ts'

const found = (parents: Readonly<Record<string, string>>): readonly string[] =>
  [...returningImages(Object.entries(parents).map(([path, parent]) => ({ path, parent })))].sort()

describe('images whose chain returns to them', () => {
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, readonly string[]])[] = [
    ['are none in chains', { b: 'a', c: 'b', d: 'b' }, []],
    ['are one that names itself', { a: 'a', b: 'a' }, ['a']],
    ['are all of a cycle, and not those that lead to it', { a: 'b', b: 'c', c: 'a', d: 'c', e: 'd' }, ['a', 'b', 'c']],
    ['are those of two cycles', { x: 'a', a: 'b', b: 'a', c: 'd', d: 'c' }, ['a', 'b', 'c', 'd']],
  ]
  for (const [title, parents, returning] of cases) it(title, () => assert.deepEqual(found(parents), returning))

  it('are found however many images are between', () => {
    const many = Object.fromEntries(
      Array.from({ length: 50_000 }, (_, index) => [`${index}`, `${(index + 1) % 50_000}`]),
    )
    assert.equal(found(many).length, 50_000)
  })
})
