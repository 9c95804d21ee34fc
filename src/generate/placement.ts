import { randomUUID } from 'node:crypto'
import { lstatSync, readdirSync, realpathSync, renameSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { InputError, MachineError } from '../errors.ts'
import { CommandError } from '../shell/shell.ts'

/** Creates a folder that is removed when it is disposed of, unless it was moved away. */
export type FolderMaker = (path: string) => Promise<AsyncDisposable>

export const makeDisposableFolder: FolderMaker = async (path) => {
  await mkdir(path)
  return { [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** Where a new folder is written, and where it goes when it is complete. */
export interface Placement {
  /** Absolute. */
  readonly directory: string
  /** True for an empty folder, which may be a mount point: it is filled, and not replaced. */
  readonly exists: boolean
  /** On the same file system. */
  readonly draft: string
}

const newFolder = 'Name a folder that does not exist yet, or an empty one.'

/**
 * Finds a place for a new folder. Nothing is overwritten. The `lost+found` of a mount point does not count.
 * @param directory absolute
 * @throws InputError
 */
export function placementFor(directory: string): Placement {
  const name = `.${basename(directory)}.`
  const draftIn = (folder: string) => join(folder, `${name}${randomUUID().slice(0, 8)}`)
  let entries: readonly string[]
  try {
    entries = readdirSync(directory).filter((entry) => entry !== 'lost+found')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT' && !exists(directory) && exists(dirname(directory)))
      return { directory, exists: false, draft: draftIn(dirname(directory)) }
    throw unusable(directory, cause as NodeJS.ErrnoException)
  }
  if (entries.length === 0) return { directory, exists: true, draft: draftIn(directory) }
  const drafts = entries.filter((entry) => entry.startsWith(name) && /\.[\da-f]{8}$/.test(entry))
  if (drafts.length < entries.length) throw new InputError(`${directory} is not empty`, { remedy: newFolder })
  throw new InputError(`${directory} holds an unfinished target: it is being created, or a power cut interrupted it`, {
    remedy: `rm -rf ${drafts.map((entry) => join(directory, entry)).join(' ')}`,
  })
}

function unusable(directory: string, cause: NodeJS.ErrnoException): InputError {
  const { code, message } = cause
  const parent = dirname(directory)
  if (code === 'ENOENT' && exists(directory))
    return new InputError(`${directory} is a symbolic link to a missing folder`, { remedy: newFolder, cause })
  if (code === 'ENOENT')
    return new InputError(`${directory}: the folder ${parent} does not exist`, { remedy: `mkdir -p ${parent}`, cause })
  if (code === 'ENOTDIR' && exists(directory))
    return new InputError(`${directory} is not a folder`, { remedy: newFolder, cause })
  if (code === 'ENOTDIR')
    return new InputError(`${directory}: ${parent} is not a folder`, {
      remedy: 'Name a folder whose parent is a folder.',
      cause,
    })
  return new InputError(`${directory} cannot be read: ${message}`, {
    remedy: 'Name a folder that you can read and write.',
    cause,
  })
}

/** Moves a complete draft into place. Calls `onMoved` with each path, so that a failed move can be undone. */
export function moveIntoPlace({ directory, exists, draft }: Placement, onMoved: (path: string) => void): void {
  if (!exists) {
    renameSync(draft, directory)
    onMoved(directory)
    return
  }
  for (const name of readdirSync(draft)) {
    renameSync(join(draft, name), join(directory, name))
    onMoved(join(directory, name))
  }
}

/** True if two folders are apart: neither is the other, nor inside it. They need not exist. */
export function areApart(one: string, other: string): boolean {
  const [a, b] = [realPathOf(one), realPathOf(other)]
  return isOutside(relative(a, b)) && isOutside(relative(b, a))
}

function isOutside(path: string): boolean {
  return path === '..' || path.startsWith(`..${sep}`)
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return join(realPathOf(dirname(path)), basename(path))
  }
}

/** Describes an error of a command or of the file system in terms of the target. */
export function couldNotWrite(directory: string, cause: unknown): MachineError {
  const { code, message } = cause as NodeJS.ErrnoException
  const reason = cause instanceof CommandError ? (cause.result.stderr.trim().split('\n').at(-1) ?? message) : message
  const isFull = code === 'ENOSPC' || code === 'EDQUOT' || /No space left on device|Disk quota exceeded/.test(reason)
  const why = isFull ? 'the disk is full' : reason
  const space =
    cause instanceof CommandError
      ? 'Free some space, also in the folder for temporary files (TMPDIR): with data, it holds the disks.'
      : 'Free some space: an image takes up to 16 KiB on disk, the records of a snapshot about as much.'
  return new MachineError('target-not-written', `cannot write ${directory}: ${why}; nothing of it was left`, {
    cause,
    ...(isFull && { remedy: space }),
  })
}

function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return false
  }
}
