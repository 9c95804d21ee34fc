import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ChainIdentities } from './chain-identities.ts'
import type { TreeImage } from './workload-tree.ts'

const imageAt = (path: string, fileBytes = 1, writtenMs = 1, head = 'a'): TreeImage =>
  ({ path, image: { fileBytes, identity: { writtenMs, head } } }) as unknown as TreeImage

/** The identity of the first image, whose parents are the others in order. */
function identityOf(...chain: readonly TreeImage[]): string | undefined {
  const [first] = chain
  assert.ok(first)
  return new ChainIdentities((image) => chain[chain.indexOf(image) + 1]).of(first)
}

it('a chain is identified by path, length, time and beginning of each of its files', () => {
  const identities = [
    identityOf(imageAt('b'), imageAt('a')),
    identityOf(imageAt('b')),
    identityOf(imageAt('b'), imageAt('x')),
    identityOf(imageAt('b'), imageAt('a', 2)),
    identityOf(imageAt('b'), imageAt('a', 1, 2)),
    identityOf(imageAt('b'), imageAt('a', 1, 1, 'b')),
    identityOf(imageAt('b', 2), imageAt('a')),
    identityOf(imageAt('a'), imageAt('b')),
  ]
  assert.equal(new Set(identities).size, identities.length)
  assert.equal(identityOf(imageAt('b'), imageAt('a')), identities[0])
})

it('a chain is not identified if one of its files was not', () => {
  const unread = { path: 'a', image: { fileBytes: 1 } } as unknown as TreeImage
  assert.equal(identityOf(imageAt('b'), unread), undefined)
})

it('a chain that returns to itself ends there', () => {
  const [one, other] = [imageAt('a'), imageAt('b')]
  const identities = new ChainIdentities((image) => (image === one ? other : one))
  assert.deepEqual(identities.linksOf(one), [one, other])
  assert.match(identities.of(one) ?? '', /^[0-9a-f]{64}$/)
})
