import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FoundWorkload } from '../scan/found.ts'
import { assessed, contextOf, foundOf, type Mutable, originPath, siteWith } from './found.fixture.ts'
import { judgeWorkload } from './judge-workload.ts'

type Workload = Mutable<FoundWorkload>

const here = siteWith({ [originPath]: 0 })

/** The only workload, for a test to change. */
function one(shape: Record<string, unknown> = {}): Workload {
  const [workload] = foundOf(shape)
  assert.ok(workload)
  return workload
}

function snapshotOf(workload: Workload, nth: number) {
  const snapshot = workload.parts[0]?.snapshots[nth]
  assert.ok(snapshot)
  return snapshot
}

function imageOf(workload: Workload, nth: number) {
  const image = snapshotOf(workload, nth).disks[0]?.images[0]
  assert.ok(image?.header)
  return image as typeof image & { header: object }
}

const states = (workload: FoundWorkload, site = here) => assessed([workload], site).verdicts.map(({ state }) => state)
const codes = (workload: FoundWorkload, site = here) =>
  assessed([workload], site).verdicts.map(({ defect }) => defect?.code)

describe('a chain', () => {
  it('is restorable if its origin path shows the target', () =>
    assert.deepEqual(states(one()), ['restorable', 'restorable', 'restorable']))

  it('needs its origin path elsewhere, except for its full image', () => {
    const { verdicts } = assessed([one()], siteWith())
    assert.deepEqual(
      verdicts.map(({ state, needs }) => [state, needs]),
      [
        ['restorable', []],
        ['after-recovery', [{ originPath, target: 0 }]],
        ['after-recovery', [{ originPath, target: 0 }]],
      ],
    )
  })

  it('is broken from a missing parent on, and names the link', () => {
    const workload = one()
    const gone = snapshotOf(workload, 0).disks[0]?.images.pop()
    const { verdicts } = assessed([workload], here)
    const there = verdicts.filter(({ isThere }) => isThere)
    assert.deepEqual(
      there.map(({ state, defect }) => [state, defect?.code, defect?.path]),
      there.map(() => ['broken', 'missing-parent', there[0]?.path]),
    )
    assert.ok(there[0]?.defect?.why.includes(String(gone?.name)))
  })

  it('without a folder is broken, or unknown if its VM may not be selected', () => {
    const workload = one()
    const snapshot = snapshotOf(workload, 2)
    snapshot.disks = []
    assert.deepEqual(codes(workload), [undefined, undefined, 'incomplete-replica'])
    delete snapshot.resources?.[0]?.vmId
    const judged = judgeWorkload(workload, contextOf(here, { isOneVm: true })).images
    assert.equal(judged.at(-1)?.verdict.defect?.code, 'not-looked-at')
  })

  it('is unknown if its parent may be in a part that was not read', () => {
    const unread = one()
    Object.assign(snapshotOf(unread, 0), { disks: [], unread: 'EACCES' })
    assert.deepEqual(codes(unread), ['unreadable', 'unreadable'])
    const silent = one()
    snapshotOf(silent, 0).disks = []
    const judged = judgeWorkload(silent, contextOf(here, { unseen: '/t does not answer' })).images
    assert.deepEqual(
      judged.filter(({ verdict }) => verdict.isThere).map(({ verdict }) => verdict.state),
      ['unknown', 'unknown'],
    )
  })

  it('does not continue through a FIFO or a symbolic link', () => {
    for (const [kind, state] of [
      ['not-a-file', 'broken'],
      ['symbolic-link', 'unknown'],
    ] as const) {
      const workload = one()
      const snapshot = snapshotOf(workload, 0)
      const path = snapshot.disks[0]?.rows?.[0]?.vaultUrl?.slice(1) ?? ''
      if (snapshot.disks[0]) snapshot.disks[0].images = []
      snapshot.oddities.push({ kind, path })
      const { verdicts } = assessed([workload], here)
      assert.deepEqual(
        verdicts.map((verdict) => [verdict.state, verdict.defect?.code]),
        [
          [state, kind],
          [state, kind],
          [state, kind],
        ],
      )
    }
  })

  it('that returns to itself is a cycle for every image that leads into it', () => {
    const workload = one()
    imageOf(workload, 0).header.backing = imageOf(workload, 2).header.backing ?? ''
    // Snapshot 2 reads through 1, 1 through 0, and 0 through 1.
    assert.deepEqual(codes(workload), ['cycle', 'cycle', 'cycle'])
    assert.deepEqual(states(workload), ['broken', 'broken', 'broken'])
  })

  it('may be long, and is unknown if it is too long', () => {
    const long = assessed([one({ snapshots: 101 })], here)
    assert.equal(long.verdicts.at(-1)?.state, 'restorable')
    assert.equal(long.summary.findings.find(({ code }) => code === 'long-chain')?.count, 1)
    assert.equal(states(one({ snapshots: 1001 })).at(-1), 'unknown')
    assert.equal(states(one({ snapshots: 1001 })).at(-2), 'restorable')
  })

  it('of ten thousand links is judged without recursion', () => {
    const { verdicts } = assessed([one({ snapshots: 10_000 })], here)
    assert.equal(verdicts.length, 10_000)
  })

  it('with links under two origin paths needs both', () => {
    const { verdicts, summary } = assessed([one({ snapshots: 4, upgradeAfter: 2, upgradeTo: '4.2' })], siteWith())
    assert.equal(verdicts.at(-1)?.needs.length, 2)
    assert.deepEqual(verdicts.at(-1)?.state, 'after-recovery')
    assert.equal(summary.findings.find(({ code }) => code === 'mixed-origin-paths')?.count, 1)
    assert.deepEqual(
      summary.originPaths.map(({ rule, share, targets }) => [rule, share, targets]),
      [
        ['share', '10.10.2.20:/upstream', [{ target: 0, images: 3, isHere: false }]],
        ['export', '*:/upstream', [{ target: 0, images: 2, isHere: false }]],
      ],
    )
  })
})

describe('the name of a parent', () => {
  const named = (backing: (name: string, path: string) => string, format: string | undefined = 'qcow2') => {
    const workload = one({ snapshots: 2 })
    const { header } = imageOf(workload, 1)
    const path = String(header.backing).slice(originPath.length + 1)
    header.backing = backing(String(header.backing), path)
    if (format === undefined) delete header.backingFormat
    else header.backingFormat = format
    const verdict = assessed([workload], here).verdicts[1]
    return `${verdict?.state} ${verdict?.defect?.code ?? ''}`.trim()
  }

  const nested = (filename: string) => JSON.stringify({ driver: 'qcow2', file: { driver: 'file', filename } })
  /** A `json:` name of a file, with further options. */
  const more = (filename: string, above: object, below: object = {}) =>
    `json:${JSON.stringify({ driver: 'qcow2', ...above, file: { driver: 'raw', ...below, file: { driver: 'file', filename } } })}`
  const rows: readonly [what: string, backing: (name: string, path: string) => string, verdict: string][] = [
    ['json: with nested drivers', (name) => `json:${nested(name)}`, 'restorable'],
    ['json: with a relative file', (_, path) => `json:${nested(path)}`, 'unknown backing-name-unclear'],
    ['json: with raw in between', (name) => more(name, {}), 'restorable'],
    ['json: from an offset', (name) => more(name, {}, { offset: 65_536 }), 'unknown backing-name-unclear'],
    ['json: up to a size', (name) => more(name, {}, { size: 512 }), 'unknown backing-name-unclear'],
    ['json: through another encryption', (name) => more(name, {}, { driver: 'luks' }), 'unknown backing-name-unclear'],
    ['json: through a throttle', (name) => more(name, { driver: 'throttle' }), 'unknown backing-name-unclear'],
    ['json: as another format', (name) => more(name, { driver: 'vmdk' }), 'unknown backing-name-unclear'],
    [
      'json: with a data file',
      (name) => more(name, { 'data-file': { driver: 'file', filename: '/etc/hostname' } }),
      'unknown backing-name-unclear',
    ],
    ['json: that is none', () => 'json:{', 'unknown backing-name-unclear'],
    [
      'json: with a parent of its own',
      (name) => `json:${JSON.stringify({ file: { driver: 'file', filename: name }, backing: null })}`,
      'unknown backing-name-unclear',
    ],
    ['relative, with .. within', () => 'a/../b', 'unknown backing-name-unclear'],
    ['relative, from its folder', (_, path) => `../../../${path.split('/').slice(1).join('/')}`, 'restorable'],
    ['relative, out of the target', () => '../../../../../etc/hostname', 'broken parent-outside-targets'],
    ['a file of the host', () => '/etc/hostname', 'broken parent-outside-targets'],
    ['a protocol', () => 'nbd://10.0.0.1/x', 'broken parent-outside-targets'],
    ['slashes in a row', (name) => name.replaceAll('/', '//'), 'restorable'],
    ['with ..', (name) => name.replace('/snapshot_', '/x/../snapshot_'), 'unknown backing-name-unclear'],
    [
      'in a workload that does not exist',
      (name) => name.replace(/workload_../, 'workload_zz'),
      'broken parent-outside-targets',
    ],
  ]
  for (const [what, backing, verdict] of rows) it(`${what}: ${verdict}`, () => assert.equal(named(backing), verdict))

  it('may lack a format, which is a finding', () => {
    assert.equal(
      named((name) => name, undefined),
      'restorable',
    )
  })
  it('with another format is broken, because other content would be read', () => {
    assert.equal(
      named((name) => name, 'raw'),
      'broken backing-format-wrong',
    )
  })
})

describe('an existing parent', () => {
  it('is broken if the records name another one', () => {
    const workload = one()
    imageOf(workload, 2).header.backing = imageOf(workload, 1).header.backing ?? ''
    assert.deepEqual(codes(workload), [undefined, undefined, 'parent-mismatch'])
  })
  it('is broken if the records name none', () => {
    const workload = one({ snapshots: 4, fullEvery: 3 })
    imageOf(workload, 3).header.backing = imageOf(workload, 1).header.backing ?? ''
    assert.deepEqual(codes(workload), [undefined, undefined, undefined, 'parent-mismatch'])
    // If no record names a parent, a record without one proves nothing.
    for (const snapshot of workload.parts[0]?.snapshots ?? []) delete snapshot.disks[0]?.rows?.[0]?.backingId
    assert.deepEqual(codes(workload), [undefined, undefined, undefined, undefined])
  })
  it('is broken if it belongs to another volume', () => {
    const workload = one({ disks: 2 })
    const other = snapshotOf(workload, 0).disks[1]?.images[0]?.name ?? ''
    const own = snapshotOf(workload, 0).disks[0]?.images[0]?.name ?? ''
    const first = snapshotOf(workload, 1).disks[0]
    const second = snapshotOf(workload, 1).disks[1]
    const image = first?.images[0]
    assert.ok(first?.rows?.[0] && image?.header && second?.images[0]?.header)
    image.header.backing = second.images[0].header.backing ?? ''
    // If the records were changed too, the volume still reveals it.
    first.rows[0].backingId = other
    assert.notEqual(own, other)
    const verdict = assessed([workload], here).verdicts.find(({ path }) => path.endsWith(image.name))
    assert.deepEqual([verdict?.state, verdict?.defect?.code], ['broken', 'parent-mismatch'])
  })
  it('is unknown if its record gives another path, or it is a larger disk', () => {
    const moved = one({ snapshots: 2 })
    const row = snapshotOf(moved, 0).disks[0]?.rows?.[0]
    assert.ok(row)
    row.vaultUrl = '/workload_x/elsewhere'
    assert.deepEqual(codes(moved), [undefined, 'parent-mismatch'])
    const larger = one({ snapshots: 2 })
    imageOf(larger, 0).header.virtualBytes *= 2
    assert.deepEqual(states(larger), ['restorable', 'unknown'])
  })
  it('is unknown if only the record names it', () => {
    const workload = one({ snapshots: 2 })
    delete imageOf(workload, 1).header.backing
    assert.deepEqual(states(workload), ['restorable', 'unknown'])
  })
})

describe('the defect of an image', () => {
  const broken = ['truncated', 'not-qcow2', 'damaged'] as const
  const unknown = ['unsupported', 'unreadable'] as const
  for (const kind of [...broken, ...unknown])
    it(`(${kind}) decides for every image that reads through it`, () => {
      const workload = one()
      const image = imageOf(workload, 1) as Mutable<{ header?: object; problem?: object }>
      image.problem = { kind, message: 'seen' }
      const state = (broken as readonly string[]).includes(kind) ? 'broken' : 'unknown'
      assert.deepEqual(states(workload), ['restorable', state, state])
      assert.deepEqual(codes(workload), [undefined, kind, kind])
    })

  it('is unknown with an external data file', () => {
    const workload = one()
    imageOf(workload, 0).header.hasExternalData = true
    assert.deepEqual(states(workload), ['unknown', 'unknown', 'unknown'])
  })

  for (const [verdict, state] of [
    ['truncated', 'broken'],
    ['damaged', 'broken'],
    ['unknown', 'unknown'],
    ['sound', 'restorable'],
  ] as const)
    it(`with ${verdict} tables makes it ${state}`, () => {
      const workload = one()
      imageOf(workload, 2).tables = { verdict, what: 'a cluster', offset: 65_536 }
      assert.deepEqual(states(workload), ['restorable', 'restorable', state])
    })
})

describe('targets', () => {
  /** The older snapshots on one target, the newer ones on another. */
  function split(): Workload {
    const workload = one({ snapshots: 4 })
    const [part] = workload.parts
    assert.ok(part)
    const newer = part.snapshots.splice(2)
    workload.parts.push({ ...part, target: 1, snapshots: newer })
    return workload
  }

  it('are searched together: a parent may be on another one', () => {
    const verdicts = assessed([split()], siteWith({ [originPath]: 0 })).verdicts
    // Snapshot 4 names its parent under the same path, which shows the other target.
    assert.deepEqual(
      verdicts.map(({ state }) => state),
      ['restorable', 'restorable', 'restorable', 'unknown'],
    )
    assert.equal(verdicts.at(-1)?.defect?.code, 'two-shares-on-one-mount-path')
  })

  it('cannot both be shown at one origin path', () => {
    const { verdicts, summary } = assessed([split()], siteWith())
    assert.deepEqual(
      verdicts.map(({ state }) => state),
      ['restorable', 'after-recovery', 'after-recovery', 'broken'],
    )
    assert.ok(summary.findings.some(({ code }) => code === 'two-shares-on-one-mount-path'))
  })

  it('may both hold a parent: the one that the site shows counts', () => {
    const workload = one()
    const [part] = workload.parts
    assert.ok(part)
    const copy = structuredClone(part)
    copy.target = 1
    copy.snapshots[0]?.disks[0]?.images.pop()
    workload.parts.push(copy)
    const at = (site: Parameters<typeof assessed>[1]) =>
      assessed([workload], site).verdicts.filter(({ isThere, target }) => isThere && target === 1)
    assert.deepEqual(
      at(siteWith({ [originPath]: 0 })).map(({ state }) => state),
      ['restorable', 'restorable'],
    )
  })

  it('are searched for workloads that chains continue in', () => {
    const [first, second] = foundOf({ workloads: 2 })
    assert.ok(first && second)
    imageOf(first, 1).header.backing = imageOf(second, 1).header.backing ?? ''
    const context = contextOf(here, { hasWorkload: (id) => id === second.workloadId })
    const alone = judgeWorkload(first, context)
    assert.deepEqual([...alone.wantedWorkloads], [second.workloadId])
    assert.deepEqual(
      alone.images.map(({ verdict }) => verdict.state),
      ['restorable', 'unknown', 'unknown'],
    )
    const together = judgeWorkload(first, context, [second])
    assert.deepEqual(
      together.images.map(({ verdict }) => verdict.defect?.code),
      [undefined, 'parent-mismatch', 'parent-mismatch'],
    )
  })
})
