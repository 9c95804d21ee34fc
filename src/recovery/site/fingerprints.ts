import { readFileSync } from 'node:fs'
import { fileAccess, program } from '../../image/program.ts'
import { objectStream } from '../../shell/host-objects.ts'
import { programSucceeded, python } from '../../shell/python.ts'
import type { Shell, User } from '../../shell/shell.ts'

const source = readFileSync(new URL('./fingerprint.py', import.meta.url), 'utf8')

/** Texts that distinguish files from others, by path. A path in neither map does not exist. */
export interface Fingerprints {
  readonly files: ReadonlyMap<string, string>
  /** Why a file could not be read. */
  readonly errors: ReadonlyMap<string, string>
}

/** How the files of one node compare with those of another. */
export interface FileComparison {
  readonly differing: ReadonlySet<string>
  /** How many are the same. */
  readonly same: number
  /** The files that could not be read on one of them, each with the error. */
  readonly unread: ReadonlyMap<string, string>
}

/** @throws ShellError, CommandError if the node does not answer */
export async function fingerprintsOf(
  shell: Shell,
  paths: readonly string[],
  { user, signal }: { readonly user?: User; readonly signal: AbortSignal },
): Promise<Fingerprints> {
  const files = new Map<string, string>()
  const errors = new Map<string, string>()
  type One = { readonly path: string } & ({ readonly is: string } | { readonly error: string })
  const lines = objectStream<One>(shell.where, { path: 'string' }, (one) => {
    if ('is' in one) files.set(one.path, one.is)
    else errors.set(one.path, one.error)
  })
  programSucceeded(
    await shell.try(python, {
      stdin: program({ ...fileAccess, fingerprint: source }, paths),
      ...(user && { user }),
      deadlineMs: 4 * 3600_000,
      stallMs: 120_000,
      captureBytes: 4096,
      signal,
      onOutput: (chunk, stream) => stream === 'stdout' && lines.add(chunk),
    }),
  )
  return { files, errors }
}

/** Compares files of two nodes. A file that could not be read is neither the same nor another one. */
export function compareFiles(paths: readonly string[], one: Fingerprints, other: Fingerprints): FileComparison {
  const unread = new Map<string, string>()
  const differing = new Set<string>()
  let same = 0
  for (const path of paths) {
    const error = one.errors.get(path) ?? other.errors.get(path)
    if (error !== undefined) unread.set(path, error)
    else if (one.files.get(path) !== other.files.get(path)) differing.add(path)
    else if (one.files.has(path)) same++
  }
  return { differing, same, unread }
}
