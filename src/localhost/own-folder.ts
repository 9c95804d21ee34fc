import { accessSync, constants, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { MachineError } from '../errors.ts'
import { makeFolders } from './make-folders.ts'

/** An environment variable that moves our folders. */
type Variable = 'TMPDIR' | 'XDG_CACHE_HOME' | 'XDG_STATE_HOME'

/** Creates a folder of ours and its parents. @throws MachineError that names the variable to set */
export function makeOwnFolder(path: string, variable: Variable, mode?: number): void {
  try {
    makeFolders(path, mode)
  } catch (cause) {
    throw folderUnusable(path, variable, cause)
  }
}

/** Returns the folder for temporary files. @throws MachineError if it is not writable */
export function temporaryFolder(): string {
  const folder = tmpdir()
  try {
    // The slash makes this fail for a file.
    statSync(`${folder}/`)
    accessSync(folder, constants.W_OK | constants.X_OK)
    return folder
  } catch (cause) {
    throw folderUnusable(folder, 'TMPDIR', cause)
  }
}

export function folderUnusable(path: string, variable: Variable, cause: unknown): MachineError {
  return new MachineError('folder-unusable', `cannot write to ${path}: ${(cause as Error).message}`, {
    cause,
    remedy: `Set ${variable} to a writable folder.`,
  })
}
