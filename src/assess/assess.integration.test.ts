import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { type Assessed, assessTargets, createdTarget, scratch, imageOf as sparse } from './assessment.fixture.ts'
import type { SiteDescription } from './site/site-description.ts'

/** The site that wrote the targets. */
const primary: SiteDescription = {
  base: '/var/triliovault-mounts',
  rule: 'share',
  shares: ['10.10.2.20:/upstream'],
}

describe('a target of one workload', () => {
  const folder = scratch('one')
  const pristine = join(folder, 'pristine')
  let chain: readonly string[] = []
  let nth = 0

  before(async () => {
    await createdTarget(pristine, { workloads: 1, vms: 1, disks: 1, snapshots: 4 })
    const { images } = await assessTargets([pristine], { site: primary })
    chain = images.toSorted((a, b) => a.links - b.links).map(({ path }) => path)
  })

  /** Changes a copy, and judges it. */
  async function changed(change: (at: (link: number) => string, root: string) => void): Promise<Assessed> {
    const root = join(folder, `copy-${++nth}`)
    cpSync(pristine, root, { recursive: true })
    change((link) => join(root, chain[link] ?? ''), root)
    return assessTargets([root], { site: primary })
  }

  const states = ({ images }: Assessed) =>
    chain.map((path) => {
      const found = images.find((image) => image.path === path)
      return `${found?.state} ${found?.defect?.code ?? ''}`.trim()
    })

  it('is restorable on the site that wrote it', async () => {
    const assessed = await assessTargets([pristine], { site: primary })
    assert.deepEqual(states(assessed), Array(4).fill('restorable'))
    assert.deepEqual(assessed.summary.findings, [])
    assert.equal(assessed.summary.exitCode, 0)
  })

  it('needs the origin path on this host', async () => {
    const { images, summary } = await assessTargets([pristine])
    assert.deepEqual(images.map(({ state }) => state).toSorted(), [
      'after-recovery',
      'after-recovery',
      'after-recovery',
      'restorable',
    ])
    assert.deepEqual(
      summary.originPaths.map(({ share, rule, targets }) => [share, rule, targets[0]?.images]),
      [['10.10.2.20:/upstream', 'share', 3]],
    )
  })

  type Change = Parameters<typeof changed>[0]
  const cases: readonly [what: string, change: Change, states: readonly string[], exitCode: number][] = [
    [
      'an image cut to 40 bytes',
      (at) => truncateSync(at(1), 40),
      ['restorable', 'broken truncated', 'broken truncated', 'broken truncated'],
      1,
    ],
    [
      'an image cut by clusters',
      (at) => truncateSync(at(1), 65_536),
      ['restorable', 'broken truncated', 'broken truncated', 'broken truncated'],
      1,
    ],
    [
      'an empty image',
      (at) => truncateSync(at(3), 0),
      ['restorable', 'restorable', 'restorable', 'broken truncated'],
      1,
    ],
    ['garbage', (at) => writeFileSync(at(0), 'x'.repeat(200_000)), Array(4).fill('broken not-qcow2'), 1],
    [
      'a missing image',
      (at) => rmSync(at(0)),
      ['broken incomplete-replica', 'broken missing-parent', 'broken missing-parent', 'broken missing-parent'],
      1,
    ],
    [
      'another parent',
      (at) => rename(at(3), at(1), chain),
      ['restorable', 'restorable', 'restorable', 'broken parent-mismatch'],
      1,
    ],
    ['a cycle', (at) => rename(at(0), at(2), chain), Array(4).fill('broken cycle'), 1],
    ['a FIFO', (at) => fifo(at(1)), ['restorable', 'broken not-a-file', 'broken not-a-file', 'broken not-a-file'], 1],
    [
      'a symbolic link',
      (at) => link(at(1)),
      ['restorable', 'unknown symbolic-link', 'unknown symbolic-link', 'unknown symbolic-link'],
      3,
    ],
    [
      'a symbolic link out of the target',
      (at) => symlink('/etc/hostname', at(1)),
      ['restorable', 'unknown symbolic-link', 'unknown symbolic-link', 'unknown symbolic-link'],
      3,
    ],
    [
      'a file of the host as a parent',
      (at) => named(at(3), '/etc/hostname'),
      ['restorable', 'restorable', 'restorable', 'broken parent-outside-targets'],
      1,
    ],
    [
      'a folder in the place of an image',
      (at) => {
        rmSync(at(1))
        mkdirSync(at(1))
      },
      ['restorable', 'unknown unexpected', 'unknown unexpected', 'unknown unexpected'],
      3,
    ],
    [
      'a broken record of a snapshot',
      (at) => truncateSync(record(at(2), 'snapshot_db'), 50),
      Array(4).fill('restorable'),
      3,
    ],
    [
      'a broken record of a disk',
      (at) => appendFileSync(join(at(2), '../disk_db'), '}'),
      // The image holds no data, and this record shows that nothing had changed.
      ['restorable', 'restorable', 'unknown size-mismatch', 'unknown size-mismatch'],
      3,
    ],
    [
      'a workload without a record',
      (_, root) => rmSync(join(root, chain[0]?.split('/')[0] ?? '', 'workload_db')),
      Array(4).fill('restorable'),
      3,
    ],
    [
      'a leftover of rsync',
      (at) => writeFileSync(join(at(2), '../.image.Xy12Zq'), 'x'),
      Array(4).fill('restorable'),
      0,
    ],
  ]
  for (const [what, change, expected, exitCode] of cases)
    it(`with ${what}`, async () => {
      const assessed = await changed(change)
      assert.deepEqual(states(assessed), expected)
      assert.equal(assessed.summary.exitCode, exitCode)
    })

  it('prints a hostile name harmlessly', async () => {
    const hostile = '\u001b]0;owned\u0007\u009b31m\u202e'
    const assessed = await changed((at) => {
      const file = record(at(0), '../workload_db')
      writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), display_name: hostile }))
    })
    assert.equal(assessed.summary.workloads[0]?.name, hostile)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the test is about control characters
    assert.doesNotMatch(assessed.text + assessed.json, /[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
    assert.equal(
      (JSON.parse(assessed.json.trimEnd().split('\n').at(-1) ?? '') as { workloads: { name: string }[] }).workloads[0]
        ?.name,
      hostile,
    )
  })
})

describe('several targets', () => {
  const folder = scratch('several')

  it('are one tree: a chain may continue on another target', async () => {
    const [a, b] = [join(folder, 'a'), join(folder, 'b')]
    await createdTarget(a, { workloads: 1, vms: 1, disks: 1, snapshots: 3 })
    const { images } = await assessTargets([a])
    const [full] = images.filter(({ links }) => links === 1)
    const snapshot = full?.path.split('/').slice(0, 2).join('/') ?? ''
    mkdirSync(join(b, snapshot, '..'), { recursive: true })
    renameSync(join(a, snapshot), join(b, snapshot))
    const alone = await assessTargets([a])
    assert.deepEqual(alone.summary.totals.states, {
      restorable: 0,
      'after-recovery': 0,
      'with-secret': 0,
      broken: 2,
      unknown: 0,
    })
    const both = await assessTargets([a, b])
    // Its origin path would have to show both targets.
    assert.deepEqual(both.summary.totals.states, {
      restorable: 1,
      'after-recovery': 1,
      'with-secret': 0,
      broken: 1,
      unknown: 0,
    })
  })

  it('are judged with all workloads that a chain crosses', async () => {
    const root = join(folder, 'two')
    await createdTarget(root, { workloads: 2, vms: 1, disks: 1, snapshots: 2 })
    const { images } = await assessTargets([root])
    const [one, other] = [...Map.groupBy(images, ({ workloadId }) => workloadId).values()]
    const top = one?.find(({ links }) => links === 2)
    const base = other?.find(({ links }) => links === 1)
    assert.ok(top && base)
    named(join(root, top.path), `/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=/${base.path}`)
    const { images: again, summary } = await assessTargets([root])
    const verdict = again.find(({ path }) => path === top.path)
    // The parent was found in another workload, but is not the recorded one.
    assert.deepEqual([verdict?.defect?.code, verdict?.links], ['parent-mismatch', 2])
    assert.equal(summary.totals.images, 4)
  })

  it('that do not exist are wrong input, and empty ones are unknown', async () => {
    await assert.rejects(assessTargets([join(folder, 'nowhere')]), /nowhere does not exist/)
    const empty = join(folder, 'empty')
    mkdirSync(empty)
    const { summary } = await assessTargets([empty])
    assert.deepEqual([summary.exitCode, summary.findings[0]?.code], [3, 'nothing-found'])
  })
})

const record = (image: string, name: string): string => join(image, '../../..', name)

function fifo(path: string): void {
  rmSync(path)
  execFileSync('mkfifo', [path])
}

function symlink(to: string, path: string): void {
  rmSync(path)
  symlinkSync(to, path)
}

/** Replaces an image by a link to it. */
function link(path: string): void {
  renameSync(path, `${path}.moved`)
  symlinkSync(`${path}.moved`, path)
}

/** An image like the others, with this parent. */
function named(path: string, backingName: string): void {
  writeFileSync(path, sparse(backingName))
}

function rename(path: string, parent: string, chain: readonly string[]): void {
  const tail = chain.find((one) => parent.endsWith(one)) ?? ''
  named(path, `/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=/${tail}`)
}
