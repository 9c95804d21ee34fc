import { randomUUID } from 'node:crypto'
import { lstatSync, readdirSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { InputError, MachineError } from '../errors.ts'
import { CommandError } from '../shell/shell.ts'

/** Makes a folder that is gone when it is disposed of, unless it was moved away. */
export type FolderMaker = (path: string) => Promise<AsyncDisposable>

export const makeFolder: FolderMaker = async (path) => {
  await mkdir(path)
  return { [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** Where a target goes. */
export interface Place {
  /** An empty folder, which may be a mount point: what is moved into it is what it will hold, and not itself. */
  readonly isThere: boolean
  /** Where it is written until it is complete: on the same file system. */
  readonly draft: string
}

/**
 * Nothing is written over what is there; a mount point's `lost+found` does not count.
 * @param directory absolute
 * @throws InputError
 */
export function placeFor(directory: string): Place {
  const name = `.${basename(directory)}.`
  const draftIn = (folder: string) => join(folder, `${name}${randomUUID().slice(0, 8)}`)
  const refuse = (why: string, remedy: string, cause?: unknown) =>
    new InputError(`${directory}: ${why}`, { remedy, cause })
  let there: readonly string[]
  try {
    there = readdirSync(directory).filter((one) => one !== 'lost+found')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const parent = dirname(directory)
    if (code === 'ENOENT' && isThere(directory))
      throw refuse('is a symbolic link to what is not there', 'name a folder that does not exist yet')
    if (code === 'ENOENT' && isThere(parent)) return { isThere: false, draft: draftIn(parent) }
    if (code === 'ENOENT') throw refuse('the folder that it would be in does not exist', `mkdir -p ${parent}`)
    if (code === 'ENOTDIR') throw refuse('is there, and is no folder', 'name a folder that does not exist yet')
    throw refuse((cause as Error).message, 'name a folder that can be read and written', cause)
  }
  if (there.length === 0) return { isThere: true, draft: draftIn(directory) }
  const drafts = there.filter((one) => one.startsWith(name) && /\.[\da-f]{8}$/.test(one))
  if (drafts.length === there.length)
    throw refuse(
      'another target is being made there, or was when the power went',
      `rm -rf ${drafts.map((one) => join(directory, one)).join(' ')}`,
    )
  throw refuse('is not empty: nothing is written over what is there', 'name a folder that does not exist yet')
}

/** @throws InputError */
export function refuseExisting(file: string): void {
  if (!isThere(file)) return
  throw new InputError(`${file}: is there already: nothing is written over it`, { remedy: `rm ${file}` })
}

/** What a command or the file system said, in terms of the target. */
export function couldNotWrite(directory: string, cause: unknown): MachineError {
  const { code, message } = cause as NodeJS.ErrnoException
  const said = cause instanceof CommandError ? (cause.result.stderr.trim().split('\n').at(-1) ?? message) : message
  const isFull = code === 'ENOSPC' || code === 'EDQUOT' || /No space left on device|Disk quota exceeded/.test(said)
  return new MachineError(
    'target-not-written',
    `${directory}: could not be written: ${isFull ? 'the disk is full' : said}`,
    {
      cause,
      remedy:
        cause instanceof CommandError
          ? 'Nothing of it was left. With data, disks also need room in the folder for temporary files (TMPDIR).'
          : 'Nothing of it was left. An image takes 16 KiB on disk at most, a snapshot about as much for its records.',
    },
  )
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}
