import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { FolderLeases } from './folder-leases.ts'
import { folderUnusable, temporaryFolder } from './own-folder.ts'
import { watcherEnvironment } from './watchers.ts'

/** A new folder, for which the caller starts a process that removes it and its record when this process has ended. */
export interface WatchedFolder {
  readonly path: string
  /** The file with the record. Undefined if none could be written. */
  readonly record: string | undefined
  /** The environment of the watcher. */
  readonly env: NodeJS.ProcessEnv
}

/** The maximum length of the path of a Unix socket. */
const maxSocketPathBytes = 107

/** Creates a folder for temporary files, which only this user can read. @throws MachineError if it cannot */
export async function makeTemporaryFolder(prefix: string, temporary = temporaryFolder()): Promise<WatchedFolder> {
  try {
    return await putOnRecord(await mkdtemp(join(temporary, prefix)))
  } catch (cause) {
    throw folderUnusable(temporary, 'TMPDIR', cause)
  }
}

/** Creates a folder for a Unix socket, whose path must be short. @throws MachineError if it cannot */
export function makeSocketFolder(prefix: string): Promise<WatchedFolder> {
  const temporary = temporaryFolder()
  return makeTemporaryFolder(prefix, Buffer.byteLength(temporary) > maxSocketPathBytes - 40 ? '/tmp' : temporary)
}

/** Records a folder that this process has just created. Removes those that ended processes left. */
export async function putOnRecord(path: string): Promise<WatchedFolder> {
  const leases = new FolderLeases()
  await leases.removeAbandoned()
  return { path, record: await leases.add(path), env: await watcherEnvironment(path) }
}
