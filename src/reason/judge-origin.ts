import { judgeStrange, judgeTarget } from './judge-target.ts'
import type { ExpectedFile, PathFinding, PathSight, SeenFile } from './path-evidence.ts'
import {
  type Compared,
  compareExpected,
  findingOfEnd,
  findingOfFile,
  isSameContent,
  notVisibleYet,
} from './seen-files.ts'

/**
 * Judges whether an origin path leads to the images of a target: each expected image that can be read at the local path must
 * be the same file through the origin path. A copy is not: it may differ, or differ later. Pure.
 */
export function judgeOrigin(
  origin: PathSight,
  local: PathSight,
  expected: readonly ExpectedFile[],
  nowMs: number,
): PathFinding {
  const unseen = findingOfEnd(origin)
  if (unseen !== undefined) return unseen
  if (expected.length === 0) return { state: 'unknown', why: `no image is known that must be below ${origin.path}` }
  const target = judgeTarget(local, expected, nowMs)
  const locals = compareExpected(local, expected)
  if (target.reason === 'not answering' || locals.every(({ is }) => is !== 'same'))
    return judgeAlone(origin, target, expected)
  const readable = locals.flatMap(({ expected: one, seen, is }) =>
    seen !== undefined && (is === 'same' || is === 'changed') ? [{ expected: one, seen }] : [],
  )
  const files = readable.map(({ expected: one, seen }) => compareWith(one, seen, origin.files.get(one.path)))
  const others = files.filter(({ is }) => is !== 'same')
  if (others.length === 0) return { state: 'resolves' }
  if (others.length === files.length) return judgeOther(origin, local, files)
  const young = notVisibleYet(
    origin.path,
    others.filter(({ is }) => is === 'gone'),
    nowMs,
  )
  return young ?? judgePart(origin, local, others)
}

/** Judges an origin path whose target is not there. */
function judgeAlone(origin: PathSight, target: PathFinding, expected: readonly ExpectedFile[]): PathFinding {
  const files = compareExpected(origin, expected)
  if (files.every(({ is }) => is !== 'same')) return judgeStrange(origin, files, 'origin')
  return { ...target, why: `it shows expected images, which are not at the local path: ${target.why}` }
}

/** The file through the origin path, beside the one at the local path. */
function compareWith(expected: ExpectedFile, local: SeenFile, seen: SeenFile | undefined): Compared {
  if (seen?.state === 'file') return { expected, seen, is: isSameFile(local, seen) ? 'same' : 'changed' }
  if (seen?.state === 'not a file') return { expected, seen, is: 'odd' }
  return { expected, seen, is: seen?.state === 'ENOENT' ? 'gone' : 'failed' }
}

/** True for one file. A share that is mounted twice has the same file on another device. */
function isSameFile(one: SeenFile, other: SeenFile): boolean {
  if (one.inode === undefined || one.inode !== other.inode) return false
  return one.device === other.device || (one.mtimeMs === other.mtimeMs && isSameContent(one, other))
}

function judgeOther(origin: PathSight, local: PathSight, files: readonly Compared[]): PathFinding {
  const copy = files.find(
    ({ expected, seen, is }) => is === 'changed' && isSameContent(expected, seen ?? { state: '' }),
  )
  if (copy !== undefined)
    return {
      state: 'wrong',
      reason: 'another target',
      why: `${origin.path}/${copy.expected.path} is a copy, and not the file at ${local.path}`,
    }
  const finding = judgeStrange(origin, files, 'origin')
  const isFolder = origin.device !== undefined && origin.device === local.device && origin.inode !== local.inode
  return finding.reason === 'another target' && isFolder
    ? { ...finding, why: `${finding.why}. It shows another folder of the file system that is mounted at ${local.path}` }
    : finding
}

/** Judges an origin path that leads to some of the files. */
function judgePart(origin: PathSight, local: PathSight, others: readonly Compared[]): PathFinding {
  const bad = others.find(({ is }) => is === 'failed' || is === 'odd')
  if (bad !== undefined) return findingOfFile(origin.path, bad)
  const [{ expected, is } = { expected: undefined, is: 'gone' }] = others
  return is === 'gone'
    ? {
        state: 'missing',
        reason: 'parent missing',
        why: `${expected?.path} is at ${local.path}, and not at ${origin.path}`,
      }
    : {
        state: 'wrong',
        reason: 'another target',
        why: `${origin.path}/${expected?.path} is not the file at ${local.path}`,
      }
}
