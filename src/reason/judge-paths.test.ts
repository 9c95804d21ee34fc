import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { judgeOrigin } from './judge-origin.ts'
import { judgeTarget } from './judge-target.ts'
import type { ExpectedFile, PathFinding, PathSight, SeenFile } from './path-evidence.ts'

const [local, origin] = ['/m/local', '/m/origin']
const nowMs = 1_800_000_000_000
const dayMs = 24 * 3600_000
const names = ['workload_1/old', 'workload_1/new', 'workload_2/old', 'workload_2/new'] as const
const expected: readonly ExpectedFile[] = names.map((path, index) => ({
  ...{ path, sizeBytes: 1000 + index, mtimeMs: nowMs - dayMs, head: `head ${path}`, tail: `tail ${path}` },
}))
type Files = Readonly<Record<string, Partial<SeenFile>>>

/** All as expected, with changes by name. */
function sightOf(path: string, changes: Files = {}, facts: Partial<PathSight> = {}): PathSight {
  const files = expected.map((one, index): [string, SeenFile] => {
    const file = { ...one, state: 'file', device: '40', inode: `${index}` }
    return [one.path, { ...file, ...changes[one.path] }]
  })
  const root = { state: 'directory', isEmpty: false, device: '40', inode: '1' }
  return { path, ended: 'done', ...root, files: new Map(files), ...facts }
}
const all = (changes: Partial<SeenFile>): Files => Object.fromEntries(names.map((name) => [name, changes]))
const gone = { state: 'ENOENT' } as const
const [oldest, newest] = names
const summary = ({ state, reason }: PathFinding) => [state, reason]

describe('the mount path of a target', () => {
  const findingOf = (changes: Files, facts?: Partial<PathSight>) =>
    judgeTarget(sightOf(local, changes, facts), expected, nowMs)
  const cases: readonly [what: string, PathFinding, state: PathFinding['state'], reason?: PathFinding['reason']][] = [
    ['all expected images', findingOf({}), 'resolves'],
    ['all, in a folder that cannot be listed', findingOf({}, { state: 'EACCES', modesPermit: false }), 'resolves'],
    ['no folder', findingOf(all(gone), { state: 'ENOENT' }), 'missing', 'image missing'],
    [
      'a file in its place',
      findingOf(all({ state: 'ENOTDIR' }), { state: 'not a directory' }),
      'missing',
      'image missing',
    ],
    ['an empty folder', findingOf(all(gone), { isEmpty: true }), 'missing', 'image missing'],
    ['no expected image', findingOf(all(gone)), 'wrong', 'another target'],
    ['other files of these names', findingOf(all({ head: 'other' })), 'wrong', 'another target'],
    ['files of other sizes', findingOf(all({ sizeBytes: 1 })), 'wrong', 'another target'],
    ['files with other ends', findingOf(all({ tail: 'other' })), 'wrong', 'another target'],
    ['a stale handle', findingOf(all({ state: 'ESTALE' }), { state: 'ESTALE' }), 'unreadable', 'stale handle'],
    ['stale files', findingOf(all({ state: 'ESTALE' })), 'unreadable', 'stale handle'],
    ['no process', findingOf(all({ state: 'ENOTCONN' }), { state: 'ENOTCONN' }), 'unreadable', 'not connected'],
    ['no permission', findingOf(all({ state: 'EACCES', modesPermit: false })), 'unreadable', 'permission denied'],
    [
      'no permission by policy',
      findingOf(all({ state: 'EACCES', modesPermit: true })),
      'unreadable',
      'denied by policy',
    ],
    ['no server', findingOf(all({ state: 'EIO' })), 'unreadable', 'not answering'],
    ['no locks', findingOf(all({ state: 'ENOLCK' })), 'unreadable', 'locked'],
    ['an error that proves nothing', findingOf(all({ state: 'EINVAL' })), 'unknown'],
    ['a look that stalled', findingOf({}, { ended: 'stalled', reads: newest }), 'unreadable', 'not answering'],
    ['a look that failed', findingOf({}, { ended: 'failed', error: 'KeyError' }), 'unknown'],
    [
      'a look without a first line',
      judgeTarget({ path: local, ended: 'done', files: new Map() }, expected, nowMs),
      'unknown',
    ],
    ['FIFOs in place of images', findingOf(all({ state: 'not a file', what: 'a FIFO' })), 'wrong', 'not qcow2'],
    ['one FIFO among images', findingOf({ [oldest]: { state: 'not a file', what: 'a FIFO' } }), 'wrong', 'not qcow2'],
    ['one closed image', findingOf({ [oldest]: { state: 'EACCES' } }), 'unknown', 'permission denied'],
    ['the oldest image gone', findingOf({ [oldest]: gone }), 'resolves'],
    ['the oldest image merged', findingOf({ [oldest]: { head: 'other', sizeBytes: 9 } }), 'resolves'],
    ['the newest image gone', findingOf({ [newest]: gone }), 'unknown', 'image missing'],
    ['the newest image changed', findingOf({ [newest]: { tail: 'other' } }), 'unknown', 'wrong content'],
    ['a workload gone', findingOf({ [oldest]: gone, [newest]: gone }), 'unknown', 'image missing'],
  ]
  for (const [what, finding, state, reason] of cases)
    it(`${state}${reason === undefined ? '' : `, ${reason},`} with ${what}`, () => {
      assert.deepEqual(summary(finding), [state, reason])
      if (state !== 'resolves') assert.match(finding.why ?? '', /\/m\/local|workload_/)
    })

  it('names the images that are gone, whatever follows from it', () => {
    assert.match(findingOf({ [oldest]: gone }).why ?? '', /^1 of 4 expected images gone or changed, .*workload_1\/old$/)
    assert.match(findingOf({ [newest]: gone }).why ?? '', /^1 of 4 .*workload_1\/new\./)
  })
  it('may not show a new image yet', () => {
    const young = expected.map((one) => ({ ...one, mtimeMs: nowMs - 30_000 }))
    const sight = sightOf(local, { [newest]: gone })
    assert.deepEqual(summary(judgeTarget(sight, young, nowMs)), ['unknown', 'not visible yet'])
    assert.deepEqual(summary(judgeTarget(sight, young, nowMs + dayMs)), ['unknown', 'image missing'])
  })
  it('resolves without images if it can be listed', () => {
    const without = (facts: Partial<PathSight>) => summary(judgeTarget(sightOf(local, {}, facts), [], nowMs))
    assert.deepEqual(without({ isEmpty: true }), ['resolves', undefined])
    assert.deepEqual(without({ state: 'ENOENT' }), ['missing', 'image missing'])
    assert.deepEqual(without({ state: 'EACCES' }), ['unreadable', 'permission denied'])
  })
  it('is compared without first bytes where a recovery writes to them', () => {
    const rest = expected.map(({ head: _, ...one }) => one)
    assert.deepEqual(summary(judgeTarget(sightOf(local, all({ head: 'renamed' })), rest, nowMs)), [
      'resolves',
      undefined,
    ])
  })
})

describe('an origin path', () => {
  const target = sightOf(local)
  const findingOf = (changes: Files, facts?: Partial<PathSight>, at: PathSight = target) =>
    judgeOrigin(sightOf(origin, changes, facts), at, expected, nowMs)
  const inodes = Object.fromEntries(names.map((name, index) => [name, { device: '41', inode: `9${index}` }]))
  const emptyTarget = sightOf(local, all(gone), { isEmpty: true })
  const cases: readonly [what: string, PathFinding, state: PathFinding['state'], reason?: PathFinding['reason']][] = [
    ['the same files', findingOf({}), 'resolves'],
    ['the same files on another device', findingOf(all({ device: '41' })), 'resolves'],
    [
      'the same files, of which one was written to',
      findingOf({ [oldest]: { tail: 'x' } }, {}, sightOf(local, { [oldest]: { tail: 'x' } })),
      'resolves',
    ],
    ['copies', findingOf(inodes), 'wrong', 'another target'],
    ['one copy among the files', findingOf({ [oldest]: { inode: '99' } }), 'wrong', 'another target'],
    [
      'files of the same numbers on another device',
      findingOf(all({ device: '41', mtimeMs: 5 })),
      'wrong',
      'another target',
    ],
    ['other files', findingOf(all({ inode: '7', head: 'other' })), 'wrong', 'another target'],
    ['not one of the files', findingOf(all(gone)), 'wrong', 'another target'],
    ['no folder', findingOf(all(gone), { state: 'ENOENT' }), 'missing', 'origin path missing'],
    [
      'a file in its place',
      findingOf(all({ state: 'ENOTDIR' }), { state: 'not a directory' }),
      'missing',
      'origin path not a directory',
    ],
    [
      'a loop in its place',
      findingOf(all({ state: 'ELOOP' }), { state: 'ELOOP' }),
      'missing',
      'origin path not a directory',
    ],
    ['an empty folder', findingOf(all(gone), { isEmpty: true }), 'missing', 'origin path empty'],
    [
      'an empty folder, at both paths',
      findingOf(all(gone), { isEmpty: true }, emptyTarget),
      'missing',
      'origin path empty',
    ],
    ['the files while the local path is empty', findingOf({}, {}, emptyTarget), 'missing', 'image missing'],
    ['a stale handle', findingOf(all({ state: 'ESTALE' }), { state: 'ESTALE' }), 'unreadable', 'stale handle'],
    ['no process', findingOf(all({ state: 'ENOTCONN' }), { state: 'ENOTCONN' }), 'unreadable', 'not connected'],
    ['one closed file', findingOf({ [oldest]: { state: 'EACCES' } }), 'unreadable', 'permission denied'],
    ['one file missing', findingOf({ [oldest]: gone }), 'missing', 'parent missing'],
    ['one FIFO', findingOf({ [oldest]: { state: 'not a file', what: 'a FIFO' } }), 'wrong', 'not qcow2'],
    ['a look that stalled', findingOf({}, { ended: 'stalled' }), 'unreadable', 'not answering'],
    ['a look that failed', findingOf({}, { ended: 'failed' }), 'unknown'],
    [
      'the files, while the local path stalls',
      findingOf({}, {}, sightOf(local, {}, { ended: 'stalled' })),
      'unreadable',
      'not answering',
    ],
    ['what is gone at both paths', findingOf({ [oldest]: gone }, {}, sightOf(local, { [oldest]: gone })), 'resolves'],
  ]
  for (const [what, finding, state, reason] of cases)
    it(`${state}${reason === undefined ? '' : `, ${reason},`} with ${what}`, () => {
      assert.deepEqual(summary(finding), [state, reason])
      if (state !== 'resolves') assert.match(finding.why ?? '', /\/m\/|workload_/)
    })

  it('is unknown if no image is known that must be there', () => {
    assert.equal(judgeOrigin(sightOf(origin), target, [], nowMs).state, 'unknown')
  })
  it('may not show a new image yet', () => {
    const young = expected.map((one) => ({ ...one, mtimeMs: nowMs - 30_000 }))
    const finding = judgeOrigin(sightOf(origin, { [newest]: gone }), target, young, nowMs)
    assert.deepEqual(summary(finding), ['unknown', 'not visible yet'])
  })
  it('that shows a folder of the target is reported', () => {
    assert.match(findingOf(all(gone), { inode: '7' }).why ?? '', /It shows another folder of the file system/)
    assert.doesNotMatch(findingOf(all(gone), { device: '41', inode: '7' }).why ?? '', /It shows another folder/)
  })
})
