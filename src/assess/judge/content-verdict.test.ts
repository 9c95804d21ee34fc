import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isReadable, linksOf, withContent } from './content-verdict.ts'
import { assessed, foundOf, originPath, siteWith } from './found.fixture.ts'

const read = (digest: string) => ({ kind: 'read', digest, readBytes: 1 }) as const

/** The newest image of a chain of three. */
function newest(recorded?: string, shape: Record<string, unknown> = {}) {
  const [workload] = foundOf(shape)
  const disk = workload?.parts[0]?.snapshots.at(-1)?.disks[0]
  assert.ok(workload && disk?.rows?.[0] && disk.images[0])
  if (recorded !== undefined) disk.rows[0].digest = recorded
  const judge = (site = siteWith({ [originPath]: 0 })) => {
    const judged = assessed([workload], site).images
    const last = judged.at(-1)
    assert.ok(last)
    return { judged, last }
  }
  return { image: disk.images[0], judge }
}

const verdictOf = ({ verdict }: ReturnType<typeof withContent>) => [verdict.state, verdict.defect?.code, verdict.digest]

describe('the verdict on content', () => {
  it('is restorable if the digest is the recorded one, and broken if it is not', () => {
    assert.deepEqual(verdictOf(withContent(newest('a').judge().last, read('a'))), ['restorable', undefined, 'a'])
    assert.deepEqual(verdictOf(withContent(newest('a').judge().last, read('b'))), ['broken', 'wrong-content', 'b'])
    assert.deepEqual(verdictOf(withContent(newest().judge().last, read('b'))), ['restorable', undefined, 'b'])
  })
  it('stays after-recovery for a chain that needs origin paths, whether a digest was recorded or not', () => {
    for (const recorded of ['a', undefined]) {
      const { last } = newest(recorded).judge(siteWith())
      assert.equal(last.verdict.state, 'after-recovery')
      assert.deepEqual(verdictOf(withContent(last, read('a'))), ['after-recovery', undefined, 'a'])
    }
    assert.equal(withContent(newest('b').judge(siteWith()).last, read('a')).verdict.state, 'broken')
  })
  it('is broken if the content cannot be read, and unknown if something is missing for that', () => {
    const { last } = newest().judge()
    assert.deepEqual(verdictOf(withContent(last, { kind: 'broken', why: 'EIO' })).slice(0, 2), [
      'broken',
      'content-unreadable',
    ])
    assert.deepEqual(verdictOf(withContent(last, { kind: 'unknown', why: 'no secret' })).slice(0, 2), [
      'unknown',
      'content-unknown',
    ])
  })
  it('clears an image that may be cut short only by a recorded digest', () => {
    for (const [recorded, state] of [
      ['a', 'restorable'],
      [undefined, 'unknown'],
      ['b', 'broken'],
    ] as const) {
      const { image, judge } = newest(recorded)
      image.tables = { verdict: 'unknown', what: 'a cluster', offset: 65_536 }
      const { last } = judge()
      assert.ok(isReadable(last))
      assert.equal(withContent(last, read('a')).verdict.state, state)
    }
  })
  it('clears content that QEMU may have padded with zeroes only by a recorded digest', () => {
    const doubted = { ...read('a'), doubt: 'the file ends within a cluster' }
    assert.deepEqual(verdictOf(withContent(newest('a').judge().last, doubted)), ['restorable', undefined, 'a'])
    assert.deepEqual(verdictOf(withContent(newest().judge().last, doubted)), ['unknown', 'maybe-truncated', 'a'])
    assert.deepEqual(verdictOf(withContent(newest('b').judge().last, doubted)), ['broken', 'wrong-content', 'a'])
  })
  it('is broken if it differs from what was read before, whatever was recorded with the backup', () => {
    const before = (isSameFiles?: boolean) => ({
      date: '2026-11-01T12:00:00.000Z',
      digest: 'a',
      ...(isSameFiles !== undefined && { isSameFiles }),
    })
    for (const recorded of ['b', undefined]) {
      const { verdict } = withContent(newest(recorded).judge().last, read('b'), before(true))
      assert.deepEqual([verdict.state, verdict.defect?.code, verdict.depth], ['broken', 'content-changed', 'content'])
      assert.match(
        verdict.defect?.why ?? '',
        /^changed since 2026-11-01 12:00 UTC: its content has the digest b, but had a then; length, time and beginning/,
      )
    }
    assert.deepEqual(verdictOf(withContent(newest('c').judge().last, read('a'), before())), [
      'broken',
      'wrong-content',
      'a',
    ])
    const { verdict } = withContent(newest().judge().last, { ...read('a'), doubt: 'x' }, before(false))
    assert.deepEqual([verdict.state, verdict.defect, verdict.depth], ['restorable', undefined, 'content'])
    assert.deepEqual(verdict.readBefore, before(false))
  })
  it('no longer needs the secret that opened it', () => {
    for (const [site, state] of [
      [siteWith({ [originPath]: 0 }), 'restorable'],
      [siteWith(), 'after-recovery'],
    ] as const) {
      const { last } = newest(undefined, { encrypted: 1 }).judge(site)
      assert.equal(last.verdict.state, 'with-secret')
      assert.equal(withContent(last, read('a')).verdict.state, state)
      assert.equal(withContent(last, { kind: 'unknown', why: 'no secret' }).verdict.state, 'unknown')
    }
  })
  it('is not sought for a broken chain, nor for an image that is not a disk', () => {
    const { image, judge } = newest()
    image.problem = { kind: 'truncated', message: 'x' }
    assert.equal(isReadable(judge().last), false)
    const { judged } = newest(undefined, { imageBooted: 1, snapshots: 1 }).judge()
    assert.deepEqual(judged.map((one) => [one.verdict.role, isReadable(one)]).toSorted(), [
      ['base', false],
      ['disk', true],
    ])
  })
})

it('gives the links of a chain as paths, each with its secret', () => {
  const { judged, last } = newest(undefined, { encrypted: 1 }).judge()
  assert.ok(last.image)
  const parents = new Map(judged.map(({ image, chain }) => [image, chain?.parent]))
  const links = linksOf(last.image, (image) => parents.get(image), ['/mnt/t'])
  assert.deepEqual(
    links.map(({ path }) => path),
    judged.toReversed().map(({ verdict }) => `/mnt/t/${verdict.path}`),
  )
  const [secret] = last.verdict.secrets
  assert.deepEqual(
    links.map(({ encryption, secretId }) => [encryption, secretId]),
    Array(3).fill(['luks', secret]),
  )
})
