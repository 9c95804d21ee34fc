import { readFileSync } from 'node:fs'
import { boundedAccess, headerModules, program } from '../../image/program.ts'
import type { PathSight, SeenFile } from '../../reason/path-evidence.ts'
import { objectsIn } from '../../shell/host-objects.ts'
import { programSucceeded, python } from '../../shell/python.ts'
import type { Shell, User } from '../../shell/shell.ts'

const source = readFileSync(new URL('./path_files.py', import.meta.url), 'utf8')

/** A path, and the files below it that are to be read. */
export interface PathToRead {
  readonly path: string
  readonly files: readonly string[]
}

export interface ReadPathsOptions {
  /** The product's user. Undefined for the user of the shell. */
  readonly user?: User
  /** Limit for each step of looking at one path. It does not concern the other paths. Default: 15 000. */
  readonly stallMs?: number
  readonly signal?: AbortSignal
}

/**
 * Reads files through paths on a node. A path that hangs holds up no other, and is reported as `stalled`. Changes nothing.
 * @throws ShellError, CommandError if the program cannot run
 */
export async function readPaths(
  shell: Shell,
  paths: readonly PathToRead[],
  { user, stallMs = 15_000, signal }: ReadPathsOptions,
): Promise<ReadonlyMap<string, PathSight>> {
  if (paths.length === 0) return new Map()
  const result = await shell.try(python, {
    stdin: program({ ...boundedAccess, ...headerModules, path_files: source }, { paths, stallS: stallMs / 1000 }),
    ...(user && { user }),
    // It ends each look by itself.
    stallMs: 4 * stallMs,
    deadlineMs: 600_000,
    captureBytes: 64 * 2 ** 20,
    maxOutputBytes: 64 * 2 ** 20,
    ...(signal && { signal }),
  })
  const lines = objectsIn<PathLine>(shell.where, result.stdout, { path: 'string' })
  if (lines.length === 0) programSucceeded(result)
  return new Map(
    paths.map(({ path }) => [
      path,
      sightOf(
        path,
        lines.filter((line) => line.path === path),
      ),
    ]),
  )
}

interface PathLine extends Partial<Omit<PathSight, 'files'>>, Omit<SeenFile, 'state' | 'device' | 'inode'> {
  readonly file?: string
}

/** A look without an end was interrupted: what it lacks is unknown, and not missing. */
function sightOf(path: string, lines: readonly PathLine[]): PathSight {
  const interrupted = { path, ended: 'failed', error: 'it was interrupted' } as const
  const files = new Map<string, SeenFile>()
  const facts = lines.flatMap((line) => {
    if (line.file === undefined) return [line]
    files.set(line.file, { ...line, state: line.state ?? 'not read' })
    return []
  })
  return Object.assign({}, interrupted, ...facts, { path, files }) as PathSight
}
