import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FoundSnapshot, FoundWorkload } from '../scan/found.ts'
import type { SiteMounts } from '../site/site-mounts.ts'
import { assessed, foundOf, type Mutable, nowMs, originPath, siteWith } from './found.fixture.ts'
import { type FindingCode, findingKinds } from './target-finding.ts'

const here = siteWith({ [originPath]: 0 })

function one(shape: Record<string, unknown> = {}): Mutable<FoundWorkload> {
  const [workload] = foundOf(shape)
  assert.ok(workload)
  return workload
}

function partsOf(workload: Mutable<FoundWorkload>) {
  const [part] = workload.parts
  const [full, incremental] = part?.snapshots ?? []
  const disk = full?.disks[0]
  const image = disk?.images[0]
  assert.ok(part && full && incremental && disk && image?.header)
  return { part, full, incremental, disk, image: image as typeof image & { header: object } }
}

function found(workload: FoundWorkload, site: SiteMounts = here): Partial<Record<FindingCode, number>> {
  const { findings } = assessed([workload], site).summary
  return Object.fromEntries(findings.map(({ code, count }) => [code, count]))
}

it('a sound target has no findings, and the exit code is 0', () => {
  const { summary } = assessed([one()], here)
  assert.deepEqual(summary.findings, [])
  assert.equal(summary.exitCode, 0)
})

describe('finding', () => {
  type Change = (parts: ReturnType<typeof partsOf>) => void
  const cases: readonly [code: FindingCode, count: number, exitCode: number, change: Change][] = [
    [
      'unreadable-record',
      1,
      3,
      ({ full }) => full.problems.push({ file: 'a/snapshot_db', line: 1, column: 2, message: 'x' }),
    ],
    ['missing-record', 1, 3, ({ full }) => delete full.record],
    ['missing-record', 1, 3, ({ full }) => delete full.resources],
    ['missing-record', 1, 3, ({ disk }) => delete disk.rows],
    ['missing-record', 1, 3, ({ part }) => delete part.record],
    ['missing-record', 1, 3, ({ part }) => delete part.hasVms],
    ['missing-record', 1, 3, ({ full }) => delete full.vmNames],
    ['workload-not-available', 1, 0, ({ part }) => Object.assign(part.record ?? {}, { status: 'error' })],
    ['workload-not-available', 1, 0, ({ part }) => Object.assign(part.record ?? {}, { isDeleted: true })],
    ['dated-in-the-future', 1, 0, ({ full }) => Object.assign(full.record ?? {}, { createdAt: '2026-11-01T12:06:00' })],
    ['unreadable', 1, 3, ({ part }) => Object.assign(part, { unread: 'EACCES' })],
    ['snapshot-not-available', 1, 0, ({ full }) => Object.assign(full.record ?? {}, { status: 'error' })],
    [
      'deleted-but-needed',
      1,
      0,
      ({ full }) => Object.assign(full.record ?? {}, { isDeleted: true, status: 'deleted' }),
    ],
    ['several-owners', 1, 0, ({ image }) => Object.assign(image, { uid: 0, gid: 0 })],
    ['incomplete-replica', 1, 1, ({ full }) => full.disks.splice(0)],
    ['incomplete-replica', 1, 1, ({ disk }) => disk.images.splice(0)],
    ['leftover', 1, 0, ({ full }) => full.oddities.push({ kind: 'leftover', path: 'a/.b.Xy12' })],
    ['copy', 1, 0, ({ full }) => full.oddities.push({ kind: 'copy', path: 'a/b.bak' })],
    ['unexpected', 1, 0, ({ full }) => full.oddities.push({ kind: 'unexpected', path: 'a/b' })],
    ['symbolic-link', 1, 0, ({ full }) => full.oddities.push({ kind: 'symbolic-link', path: 'a/b' })],
    [
      'symbolic-link',
      1,
      3,
      ({ part }) =>
        part.oddities.push({ kind: 'symbolic-link', path: 'workload_a/snapshot_b', message: 'leads to /c' }),
    ],
    ['not-a-file', 1, 0, ({ part }) => part.oddities.push({ kind: 'not-a-file', path: 'a/b' })],
    ['unrecorded-image', 1, 0, ({ disk, image }) => disk.images.push({ ...image, name: 'another' })],
    ['record-disagrees', 1, 3, ({ disk }) => Object.assign(disk.rows?.[0] ?? {}, { vaultUrl: '/elsewhere' })],
    [
      'backing-format-missing',
      1,
      0,
      ({ incremental }) => delete incremental.disks[0]?.images[0]?.header?.backingFormat,
    ],
    ['truncated', 1, 1, ({ image }) => Object.assign(image, { problem: { kind: 'truncated', message: 'x' } })],
    ['maybe-truncated', 1, 3, ({ image }) => Object.assign(image, { tables: { verdict: 'unknown' } })],
  ]
  for (const [code, count, exitCode, change] of cases)
    it(`${code}: ${change
      .toString()
      .replace(/^.*=> /, '')
      .slice(0, 60)}`, () => {
      const workload = one()
      change(partsOf(workload))
      assert.equal(found(workload)[code], count)
      assert.equal(assessed([workload], here).summary.exitCode, exitCode)
    })

  it('missing-parent is one finding, however many images read through it', () => {
    const workload = one({ snapshots: 9 })
    partsOf(workload).disk.images.splice(0)
    assert.equal(found(workload)['missing-parent'], 1)
    const { blockers } = assessed([workload], here).summary
    assert.deepEqual(
      blockers.map(({ code, restores }) => [code, restores]),
      [
        ['missing-parent', 8],
        ['incomplete-replica', 1],
      ],
    )
  })

  it("unexpected-owner counts each image that the site's user does not own", () => {
    const site: SiteMounts = { ...here, owner: { uid: 42_436, gid: 42_436 } }
    assert.equal(found(one(), site)['unexpected-owner'], 3)
    assert.equal(found(one(), { ...here, owner: { uid: 162, gid: 162 } })['unexpected-owner'], undefined)
  })

  it('encrypted names the secret', () => {
    const workload = one({ encrypted: 1, workloads: 1 })
    const { verdicts, summary } = assessed([workload], here)
    const secret = workload.parts[0]?.record?.secretId
    assert.ok(secret)
    assert.deepEqual(
      verdicts.map(({ secrets }) => secrets),
      [[secret], [secret], [secret]],
    )
    assert.ok(summary.findings.find(({ code }) => code === 'encrypted')?.examples[0]?.message.includes(secret))
    assert.deepEqual(
      verdicts.map(({ state }) => state),
      ['with-secret', 'with-secret', 'with-secret'],
    )
  })

  it('secret-not-named is found for an encrypted parent with a plain name', () => {
    const workload = one({ encrypted: 1, workloads: 1, snapshots: 2 })
    const header = partsOf(workload).incremental.disks[0]?.images[0]?.header
    assert.ok(header)
    header.backing = /"filename":"([^"]+)"/.exec(header.backing ?? '')?.[1] ?? ''
    assert.equal(found(workload)['secret-not-named'], 1)
  })

  it('image-booted is found for the base, and the overlay is the disk', () => {
    const workload = one({ imageBooted: 1, snapshots: 1 })
    const { verdicts } = assessed([workload], here)
    assert.deepEqual(verdicts.map(({ role }) => role).toSorted(), ['base', 'disk'])
    assert.equal(found(workload)['image-booted'], 1)
    const disk = workload.parts[0]?.snapshots[0]?.disks[0]
    assert.ok(disk?.rows)
    for (const row of disk.rows) delete row.isTop
    assert.deepEqual(
      found(workload),
      { 'image-booted': 1 },
      'without a mark, the image that has the other as its parent is the disk',
    )
  })

  it('unclear-top is found if nothing states which image is the disk', () => {
    const workload = one({ imageBooted: 1, snapshots: 1 })
    const disk = workload.parts[0]?.snapshots[0]?.disks[0]
    assert.ok(disk?.rows)
    for (const row of disk.rows) row.isTop = true
    assert.equal(found(workload)['unclear-top'], 2)
    assert.equal(assessed([workload], here).summary.exitCode, 3)
  })

  it('incomplete-replica ignores deleted snapshots', () => {
    const workload = one({ snapshots: 1, fullEvery: 1 })
    const snapshot = workload.parts[0]?.snapshots[0]
    assert.ok(snapshot?.record)
    snapshot.record.isDeleted = true
    snapshot.disks = []
    assert.equal(found(workload)['incomplete-replica'], undefined)
  })

  it('two-shares-on-one-mount-path is found for the mount paths of a described site too', () => {
    const site: SiteMounts = { name: 'recovery', mountPaths: new Map([[originPath, [0, 1]]]) }
    const { summary, verdicts } = assessed([one()], site)
    const finding = summary.findings.find(({ code }) => code === 'two-shares-on-one-mount-path')
    assert.ok(finding?.examples.some(({ where }) => where === originPath))
    assert.deepEqual(
      verdicts.map(({ state }) => state),
      ['restorable', 'unknown', 'unknown'],
    )
  })

  it('encodings-differ is found for each mount path that is in doubt', () => {
    const doubts = [{ path: '/b/L2U=', why: 'a script mounts it at /b' }]
    const { summary } = assessed([one()], { ...siteWith(), doubts })
    const finding = summary.findings.find(({ code }) => code === 'encodings-differ')
    assert.deepEqual(finding?.examples, [{ where: '/b/L2U=', message: 'a script mounts it at /b' }])
    assert.equal(summary.exitCode, 0)
  })

  it('an origin path that encodes an S3 bucket is named as such, and needed like any other', () => {
    const bucketPath = `/var/trilio/triliovault-mounts/${Buffer.from('trilio-backups').toString('base64')}`
    const workload = one()
    for (const { images } of workload.parts.flatMap(({ snapshots }) => snapshots.flatMap(({ disks }) => disks)))
      for (const { header } of images)
        if (header?.backing !== undefined) header.backing = header.backing.replace(originPath, bucketPath)
    const { summary, verdicts } = assessed([workload])
    assert.deepEqual(
      summary.originPaths.map(({ path, share, rule }) => [path, share, rule]),
      [[bucketPath, 'the S3 bucket trilio-backups on AWS', 'whole']],
    )
    assert.deepEqual(
      verdicts.map(({ state }) => state),
      ['restorable', 'after-recovery', 'after-recovery'],
    )
  })

  it('an origin path that is a base directory itself is recognized', () => {
    const workload = one()
    const base = '/var/lib/nova/triliovault-mounts'
    for (const { images } of workload.parts.flatMap(({ snapshots }) => snapshots.flatMap(({ disks }) => disks)))
      for (const { header } of images)
        if (header?.backing !== undefined) header.backing = header.backing.replace(originPath, base)
    const [need] = assessed([workload]).summary.originPaths
    assert.deepEqual([need?.path, need?.isBase, need?.share], [base, true, undefined])
  })

  it('origin-path-taken is found if the site has something else mounted there', () => {
    const site: SiteMounts = { ...siteWith(), otherAt: (path) => (path === originPath ? '10.0.0.9:/x' : undefined) }
    const { summary } = assessed([one()], site)
    assert.deepEqual(
      summary.findings.map(({ code, examples }) => [code, examples[0]?.where]),
      [['origin-path-taken', originPath]],
    )
    assert.equal(summary.originPaths[0]?.taken, '10.0.0.9:/x')
    assert.equal(summary.totals.states['after-recovery'], 2)
    assert.deepEqual(
      assessed([one()], { ...site, follow: () => '/elsewhere', mountPaths: new Map([['/elsewhere', [0]]]) }).summary
        .originPaths[0]?.targets,
      [{ target: 0, images: 2, isHere: true }],
    )
  })

  it('nothing-found leaves the result unknown', () => {
    const empty = one()
    empty.parts[0]?.snapshots.splice(0)
    for (const workloads of [[], [empty]]) {
      const { summary } = assessed(workloads, here)
      assert.deepEqual([summary.exitCode, summary.findings[0]?.code], [3, 'nothing-found'])
    }
  })

  it('states what to do, for every kind', () => {
    for (const [code, { toDo }] of Object.entries(findingKinds)) assert.match(toDo, /^[A-Z].+\.$/, code)
  })
})

describe('a workload', () => {
  it('has a newest restorable snapshot, now and after recovery, with its age', () => {
    const [row] = assessed([one()], siteWith()).summary.workloads
    const name = row?.name
    assert.deepEqual(row?.newestRestorable?.name, `${name} 1`)
    assert.deepEqual(row?.newestAfterRecovery?.name, `${name} 3`)
    assert.equal(row?.newestAfterRecovery?.ageMs, nowMs - Date.parse('2026-11-01T02:00:00Z'))
  })

  it('is stale if that snapshot is too old, and unknown without a date', () => {
    const exitCode = (workload: FoundWorkload, hours: number) =>
      assessed([workload], here, { maxAgeMs: hours * 3_600_000, failOn: ['stale'] }).summary.exitCode
    assert.equal(exitCode(one(), 11), 0)
    assert.equal(exitCode(one(), 9), 1)
    const timeless = one()
    for (const snapshot of timeless.parts[0]?.snapshots ?? []) delete snapshot.record?.createdAt
    assert.equal(exitCode(timeless, 11), 3)
  })

  it('has no known age if its newest snapshot is dated in the future beyond clock skew', () => {
    const stale = (createdAt: string) => {
      const workload = one()
      Object.assign(workload.parts[0]?.snapshots.at(-1)?.record ?? {}, { createdAt })
      const { summary } = assessed([workload], here, { maxAgeMs: 3_600_000, failOn: ['stale'] })
      const [row] = summary.workloads
      return [summary.exitCode, row?.isStale, row?.newestRestorable?.ageMs]
    }
    assert.deepEqual(stale('2031-01-01 00:00:00'), [3, undefined, undefined])
    assert.deepEqual(stale('2026-11-01T12:04:00'), [0, false, 0])
    assert.deepEqual(stale('2026-11-01T10:00:00'), [1, true, 7_200_000])
  })

  for (const [what, change] of [
    ['resources_db', (snapshot) => delete snapshot.resources],
    ['snapshot_vms_db', (snapshot) => delete snapshot.vmNames],
    ['disk_db', (snapshot) => delete snapshot.disks[0]?.rows],
    [
      'a whole record',
      (snapshot) => snapshot.problems.push({ file: 'a/resources_db', line: 1, column: 1, message: 'x' }),
    ],
  ] as const satisfies readonly (readonly [string, (snapshot: Mutable<FoundSnapshot>) => unknown])[])
    it(`ignores a snapshot without ${what}, whose disks are unknown`, () => {
      const workload = one()
      const last = workload.parts[0]?.snapshots.at(-1)
      assert.ok(last)
      change(last)
      const [row] = assessed([workload], here).summary.workloads
      assert.equal(row?.newestRestorable?.name, `${row?.name} 2`)
    })

  it('has no restorable snapshot without a record of its own', () => {
    for (const lack of ['record', 'hasVms'] as const) {
      const workload = one()
      delete workload.parts[0]?.[lack]
      const [row] = assessed([workload], here).summary.workloads
      assert.equal(row?.newestAfterRecovery, undefined)
    }
  })

  it('ignores snapshots that the product does not offer', () => {
    const workload = one()
    const last = workload.parts[0]?.snapshots.at(-1)
    assert.ok(last?.record)
    last.record.status = 'error'
    const [row] = assessed([workload], here).summary.workloads
    assert.equal(row?.newestRestorable?.name, `${row?.name} 2`)
  })

  it('judges a snapshot by the worst of its disks', () => {
    const workload = one({ disks: 2 })
    workload.parts[0]?.snapshots.at(-1)?.disks[1]?.images.splice(0)
    const [row] = assessed([workload], here).summary.workloads
    assert.equal(row?.newestRestorable?.name, `${row?.name} 2`)
    assert.deepEqual(row?.states, { restorable: 5, 'after-recovery': 0, 'with-secret': 0, broken: 1, unknown: 0 })
    assert.equal(row?.disks, 2)
  })

  it('fails for a deleted snapshot only if others read through it', () => {
    const states = (nth: number) => {
      const workload = one()
      const snapshot = workload.parts[0]?.snapshots[nth]
      Object.assign(snapshot?.record ?? {}, { isDeleted: true })
      Object.assign(snapshot?.disks[0]?.images[0] ?? {}, { problem: { kind: 'truncated', message: 'x' } })
      const { totals, exitCode, blockers } = assessed([workload], here).summary
      return [totals.states.restorable, totals.states.broken, blockers.length, exitCode]
    }
    assert.deepEqual(states(2), [2, 0, 0, 0])
    assert.deepEqual(states(0), [0, 2, 1, 1])
  })
})

describe('the exit code', () => {
  const exitCode = (failOn: readonly ('broken' | 'needs-recovery' | 'stale')[], site: SiteMounts) =>
    assessed([one()], site, { failOn }).summary.exitCode
  it('is 1 for restores that need recovery, if --fail-on names them', () => {
    assert.equal(exitCode(['broken'], siteWith()), 0)
    assert.equal(exitCode(['needs-recovery'], siteWith()), 1)
    assert.equal(exitCode(['needs-recovery'], here), 0)
  })
  it('is 1 if something is broken and something else unknown', () => {
    const workload = one({ workloads: 1, vms: 1, disks: 2 })
    const snapshot = workload.parts[0]?.snapshots[0]
    snapshot?.disks[0]?.images.splice(0)
    Object.assign(snapshot?.disks[1]?.images[0] ?? {}, { problem: { kind: 'unreadable', message: 'EIO' } })
    assert.equal(assessed([workload], here).summary.exitCode, 1)
  })
})
