import { errorSentence, kindOfError } from './error-kind.ts'
import type { ExpectedFile, PathFinding, PathSight, SeenFile } from './path-evidence.ts'

/** An expected file beside what was seen of it. */
export interface Compared {
  readonly expected: ExpectedFile
  readonly seen: SeenFile | undefined
  /** `odd`: something else than a file. `failed`: an error, or nothing was seen of it. */
  readonly is: 'same' | 'changed' | 'gone' | 'odd' | 'failed'
}

export function compareExpected({ files }: PathSight, expected: readonly ExpectedFile[]): readonly Compared[] {
  return expected.map((one) => {
    const seen = files.get(one.path)
    return { expected: one, seen, is: comparison(one, seen) }
  })
}

function comparison(expected: ExpectedFile, seen: SeenFile | undefined): Compared['is'] {
  if (seen?.state === 'file') return isSameContent(expected, seen) ? 'same' : 'changed'
  if (seen?.state === 'not a file') return 'odd'
  return seen?.state === 'ENOENT' ? 'gone' : 'failed'
}

type Content = Pick<SeenFile, 'sizeBytes' | 'head' | 'tail'>

/** True for the same size, and the same first and last bytes. */
export function isSameContent(one: Content, other: Content): boolean {
  const isSameHead = one.head === undefined || one.head === other.head
  return isSameHead && one.sizeBytes === other.sizeBytes && one.tail === other.tail
}

/** Why looking at a path did not end. Undefined if it did. */
export function findingOfEnd({ path, ended, error, reads }: PathSight): PathFinding | undefined {
  if (ended === 'done') return undefined
  if (ended === 'failed') return { state: 'unknown', why: `looking at ${path} failed: ${error ?? 'without a reason'}` }
  const what = reads === undefined ? path : `${path}/${reads}`
  return {
    state: 'unreadable',
    reason: 'not answering',
    why: `${path} does not answer: reading ${what} did not end in time`,
  }
}

/** The finding about a path that follows from one file that was not read. */
export function findingOfFile(path: string, { expected, seen, is }: Compared): PathFinding {
  const file = `${path}/${expected.path}`
  if (is === 'odd') return { state: 'wrong', reason: 'not qcow2', why: `${file} is ${seen?.what}, and not an image` }
  const code = seen?.state ?? 'not read'
  const kind = kindOfError(code, seen?.modesPermit)
  return kind === undefined
    ? { state: 'unknown', why: `${file} cannot be read (${code})` }
    : { state: 'unreadable', reason: kind, why: errorSentence(kind, file, code) }
}

/** How long a client of NFS may not see a new file: `acdirmax` in nfs(5), twice. */
const cacheMs = 120_000

/** A file that is missing, and was written so recently that a cache may hide it. Undefined if none is. */
export function notVisibleYet(path: string, gone: readonly Compared[], nowMs: number): PathFinding | undefined {
  const young = gone.find(({ expected }) => nowMs - expected.mtimeMs < cacheMs)
  return (
    young && {
      state: 'unknown',
      reason: 'not visible yet',
      why: `${path}/${young.expected.path} was written within the last two minutes and is not visible there yet: a cache of the NFS client may hide it. Check again`,
    }
  )
}
