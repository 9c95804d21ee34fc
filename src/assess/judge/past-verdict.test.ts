import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assessed, foundOf, originPath, siteWith } from './found.fixture.ts'
import { type Depth, depths, type PastContent, type PastFinding, type PastImage } from './past-image.ts'
import { pastAfter } from './past-update.ts'
import { type PastLink, type Present, withLostContent, withPast } from './past-verdict.ts'
import type { JudgedImage } from './verdict.ts'

const then = '2026-11-01T00:00:00.000Z'
const later = '2026-11-02T00:00:00.000Z'
const now = '2026-11-03T00:00:00.000Z'

/** A sound disk with a parent. */
function sound(): JudgedImage {
  const [workload] = foundOf()
  assert.ok(workload)
  const last = assessed([workload], siteWith({ [originPath]: 0 })).images.at(-1)
  assert.ok(last)
  return last
}

const disk = sound()
const path = disk.verdict.path
const broken = (judged: JudgedImage): JudgedImage => ({
  ...judged,
  verdict: {
    ...judged.verdict,
    state: 'broken',
    defect: { code: 'missing-parent', state: 'broken', why: 'x', target: 0, path },
  },
})

const findingOf = (more: Partial<PastFinding> = {}): PastFinding => ({
  date: then,
  tool: '1',
  target: '/t',
  chain: 'same',
  depth: 'content',
  code: 'content-changed',
  state: 'broken',
  why: 'it differs',
  path,
  ...more,
})
const contentOf = (more: Partial<PastContent> = {}): PastContent => ({
  date: then,
  tool: '1',
  target: '/t',
  chain: 'same',
  digest: 'a',
  virtualBytes: 1,
  ...more,
})
const presentOf = (more: Partial<Present> = {}): Present => ({
  date: now,
  tool: '2',
  scanDepth: 'headers',
  target: '/t',
  chain: 'same',
  ...more,
})
const linkOf = (past: Partial<PastImage>, present: Partial<Present> = {}, at = path): PastLink => ({
  path: at,
  past: { path: at, findings: [], ...past },
  present: presentOf(present),
})

function verdictOf(links: readonly PastLink[], scanDepth: Depth = 'headers', judged = disk): string {
  const { state, defect, depth, date } = withPast(judged, links, scanDepth).verdict
  return [state, defect?.code, depth, date].filter((part) => part !== undefined).join(' ')
}

describe('the verdict of a depth, where an earlier one found a defect', () => {
  for (const [index, depth] of depths.entries())
    for (const [nth, scanDepth] of depths.entries())
      it(`${scanDepth} ${nth < index ? 'does not clear' : 'replaces'} a finding of ${depth}`, () => {
        const found = verdictOf([linkOf({ findings: [findingOf({ depth, code: 'truncated' })] })], scanDepth)
        assert.equal(found, nth < index ? `broken truncated ${depth} ${then}` : 'restorable')
      })

  it('is that of the content, if the content was read', () => {
    const read = { ...disk, verdict: { ...disk.verdict, depth: 'content' as const } }
    assert.equal(verdictOf([linkOf({ findings: [findingOf()] })], 'tables', read), 'restorable content')
  })

  it('is unknown once the files have changed', () => {
    const found = withPast(disk, [linkOf({ findings: [findingOf()] }, { chain: 'other' })], 'tables').verdict
    assert.deepEqual([found.state, found.defect?.code, found.depth], ['unknown', 'assess-again', undefined])
    assert.match(
      found.defect?.why ?? '',
      /^was broken \(content-changed\) with --depth content on 2026-11-01 00:00 UTC, and its files have changed since$/,
    )
  })

  it('stays what it was if the files cannot be identified', () => {
    const found = verdictOf([linkOf({ findings: [findingOf()] }, { chain: undefined })])
    assert.equal(found, `broken content-changed content ${then}`)
  })

  it('is broken by its own defect, and unknown by its own doubt unless the earlier one was broken', () => {
    const links = [linkOf({ findings: [findingOf({ state: 'unknown', code: 'table-errors' })] })]
    assert.equal(verdictOf(links, 'headers', broken(disk)), 'broken missing-parent')
    const doubtful = broken(disk)
    const { defect } = doubtful.verdict
    assert.ok(defect)
    const unknown = { ...doubtful, verdict: { ...doubtful.verdict, state: 'unknown' as const, defect } }
    assert.equal(verdictOf(links, 'headers', unknown), 'unknown missing-parent')
    assert.equal(
      verdictOf([linkOf({ findings: [findingOf()] })], 'headers', unknown),
      `broken content-changed content ${then}`,
    )
  })
})

describe('a finding about another copy', () => {
  const findings = [findingOf({ target: '/other' })]
  it('counts where the files are the same, until the content of this copy was read', () => {
    assert.equal(verdictOf([linkOf({ findings })]), `broken content-changed content ${then}`)
    assert.equal(verdictOf([linkOf({ findings }, { chain: 'other' })]), 'restorable')
    assert.equal(verdictOf([linkOf({ findings, content: contentOf({ date: later }) })]), 'restorable')
    const before = contentOf({ date: '2026-10-31T00:00:00.000Z' })
    assert.equal(verdictOf([linkOf({ findings, content: before })]), `broken content-changed content ${then}`)
    const elsewhere = contentOf({ date: later, target: '/other' })
    assert.equal(verdictOf([linkOf({ findings, content: elsewhere })]), `broken content-changed content ${then}`)
  })
})

describe('a finding about a link', () => {
  const parent = 'workload_1/parent'
  const linkWith = (more: Partial<PastFinding>, present: Partial<Present> = {}) =>
    linkOf({ findings: [findingOf({ path: parent, ...more })] }, present, parent)

  it('of its file breaks what reads through it, a snapshot that was taken since as well', () => {
    assert.equal(verdictOf([linkWith({ depth: 'tables', code: 'truncated' })]), `broken truncated tables ${then}`)
    assert.equal(
      verdictOf([linkWith({ depth: 'tables', code: 'truncated' }, { chain: 'other' })]),
      'unknown assess-again',
    )
  })
  it('of its content leaves unknown what reads through it', () => {
    assert.equal(verdictOf([linkWith({})]), 'unknown assess-again')
  })
  it('is no longer about a disk whose content was sound since', () => {
    const own = (more: Partial<PastContent>) => linkOf({ content: contentOf(more) })
    assert.equal(verdictOf([own({ date: later }), linkWith({})]), 'restorable')
    assert.equal(verdictOf([own({ date: '2026-10-31T00:00:00.000Z' }), linkWith({})]), 'unknown assess-again')
    assert.equal(verdictOf([own({ date: later, chain: 'other' }), linkWith({})]), 'unknown assess-again')
  })
  it('that is broken wins over one that is unknown', () => {
    const links = [linkWith({}), linkOf({ findings: [findingOf({ depth: 'tables', code: 'damaged' })] })]
    assert.equal(verdictOf(links), `broken damaged tables ${then}`)
  })
})

it('a missing disk is reported with the date when its content was read', () => {
  const missing = { verdict: { ...broken(disk).verdict, isThere: false } }
  assert.equal(
    withLostContent(missing, contentOf()).verdict.defect?.why,
    'x; its content was read on 2026-11-01 00:00 UTC',
  )
  assert.equal(withLostContent(missing, undefined), missing)
  assert.deepEqual(withLostContent(broken(disk), contentOf()), broken(disk))
})

describe('the record after an assessment', () => {
  const read = (digest: string, code?: PastFinding['code']): JudgedImage => ({
    ...disk,
    verdict: {
      ...disk.verdict,
      digest,
      depth: 'content',
      ...(code && { state: 'broken', defect: { code, state: 'broken', why: 'x', target: 0, path } }),
    },
  })
  const past = { findings: [findingOf()], content: contentOf() }

  it('has the content that was read without a defect', () => {
    const kept = pastAfter(read('a'), undefined, presentOf({ scanDepth: 'tables' }))
    assert.equal(kept?.content?.digest, 'a')
    assert.deepEqual(kept?.findings, [])
    assert.equal(pastAfter(disk, undefined, presentOf()), undefined)
    assert.equal(pastAfter(read('a', 'wrong-content'), undefined, presentOf())?.content, undefined)
  })
  it('keeps the content that another one differs from', () => {
    const kept = pastAfter(read('b', 'content-changed'), { findings: [], content: contentOf() }, presentOf())
    assert.deepEqual([kept?.content?.digest, kept?.content?.date], ['a', then])
    assert.deepEqual(
      kept?.findings.map(({ code, depth, date }) => [code, depth, date]),
      [['content-changed', 'content', now]],
    )
  })
  it('renews the date and the files of content that stays the same', () => {
    const kept = pastAfter(read('a'), past, presentOf({ chain: 'merged' }))
    assert.deepEqual([kept?.content?.date, kept?.content?.chain, kept?.findings], [now, 'merged', []])
  })
  it('keeps a finding that a lighter depth did not see', () => {
    assert.deepEqual(pastAfter(disk, past, presentOf()), { path, ...past })
    assert.deepEqual(pastAfter(broken(disk), past, presentOf())?.findings, past.findings)
  })
  it('keeps findings of other copies', () => {
    const other = findingOf({ target: '/other' })
    const kept = pastAfter(read('a'), { findings: [findingOf(), other] }, presentOf())
    assert.deepEqual(kept?.findings, [other])
  })
  it('has no defects that every depth finds, or that are not of the image', () => {
    assert.equal(pastAfter(broken(disk), undefined, presentOf()), undefined)
  })
})
