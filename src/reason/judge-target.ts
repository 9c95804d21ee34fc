import { errorSentence, isAbsence, kindOfError } from './error-kind.ts'
import type { ExpectedFile, PathFinding, PathSight } from './path-evidence.ts'
import type { ReasonKind } from './reason.ts'
import { type Compared, compareExpected, findingOfEnd, findingOfFile, notVisibleYet } from './seen-files.ts'

/**
 * Judges whether the mount path of a target holds the images that are expected there. One image that is as expected proves
 * the target, because other targets have other names. Pure: all evidence is in its arguments.
 * @param expected images of each workload, the newest one last
 */
export function judgeTarget(sight: PathSight, expected: readonly ExpectedFile[], nowMs: number): PathFinding {
  const unseen = findingOfEnd(sight)
  if (unseen !== undefined) return unseen
  const { path } = sight
  if (expected.length === 0) return findingOfRoot(sight, 'image missing') ?? { state: 'resolves' }
  const files = compareExpected(sight, expected)
  const having = (is: Compared['is']) => files.filter((file) => file.is === is)
  if (having('same').length === 0) return judgeStrange(sight, files, 'target')
  const [odd] = having('odd')
  if (odd !== undefined) return findingOfFile(path, odd)
  const [failed] = having('failed')
  if (failed !== undefined) return { ...findingOfFile(path, failed), state: 'unknown' }
  const lost = files.filter(({ is }) => is === 'gone' || is === 'changed')
  if (lost.length === 0) return { state: 'resolves' }
  const young = notVisibleYet(path, having('gone'), nowMs)
  if (young !== undefined) return young
  const newest = new Map(files.map((file) => [workloadOf(file), file]))
  const unexplained = lost.find((file) => newest.get(workloadOf(file)) === file)
  const count = `${lost.length} of ${files.length} expected images`
  if (unexplained === undefined)
    return { state: 'resolves', why: `${count} gone or changed, as retention does, e.g. ${lost[0]?.expected.path}` }
  const { is, expected: one } = unexplained
  return {
    state: 'unknown',
    reason: is === 'gone' ? 'image missing' : 'wrong content',
    why: `${count} gone or changed, among them the newest of its workload, which retention removes last: ${one.path}. Create a new plan if it was removed on purpose`,
  }
}

const workloadOf = ({ expected }: Compared): string | undefined => expected.path.split('/')[0]

/** Judges a path below which no expected file is as expected. */
export function judgeStrange(sight: PathSight, files: readonly Compared[], role: 'target' | 'origin'): PathFinding {
  const { path, isEmpty } = sight
  const having = (is: Compared['is']) => files.find((file) => file.is === is)
  const changed = having('changed')
  if (changed !== undefined)
    return {
      state: 'wrong',
      reason: 'another target',
      why: `it is another target, or all was replaced: ${path}/${changed.expected.path} is not the expected image`,
    }
  const root = findingOfRoot(sight, role === 'target' ? 'image missing' : 'origin path missing')
  if (root !== undefined) return root
  if (isEmpty === true) {
    const reason = role === 'target' ? 'image missing' : 'origin path empty'
    return { state: 'missing', reason, why: `${path} is empty: not one of ${files.length} expected images is there` }
  }
  const bad = having('failed') ?? having('odd')
  if (bad !== undefined) return findingOfFile(path, bad)
  return {
    state: 'wrong',
    reason: 'another target',
    why: `it is another target, or a part of one: not one of ${files.length} expected images is there, e.g. ${files[0]?.expected.path}`,
  }
}

/** Why nothing can be below a path. Undefined if it is a directory. */
function findingOfRoot(
  { path, state = 'not read', modesPermit }: PathSight,
  missing: ReasonKind,
): PathFinding | undefined {
  if (state === 'directory') return undefined
  if (state === 'not a directory' || state === 'ELOOP') {
    const reason = missing === 'image missing' ? missing : 'origin path not a directory'
    return { state: 'missing', reason, why: `${path} is not a directory` }
  }
  if (isAbsence(state)) return { state: 'missing', reason: missing, why: `${path} does not exist` }
  const kind = kindOfError(state, modesPermit)
  return kind === undefined
    ? { state: 'unknown', why: `${path} cannot be read (${state})` }
    : { state: 'unreadable', reason: kind, why: errorSentence(kind, path, state) }
}
