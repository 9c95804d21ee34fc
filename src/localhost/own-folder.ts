import { accessSync, constants, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { MachineError } from '../errors.ts'
import { makeFolders } from './make-folders.ts'

/** What a user sets to have our folders elsewhere. */
type Variable = 'TMPDIR' | 'XDG_CACHE_HOME' | 'XDG_STATE_HOME'

/** Makes a folder of ours, and those above it. @throws MachineError that names what would have it elsewhere */
export function makeOwnFolder(path: string, variable: Variable, mode?: number): void {
  try {
    makeFolders(path, mode)
  } catch (cause) {
    throw folderUnusable(path, variable, cause)
  }
}

/** Where temporary files go. @throws MachineError when nothing can be written there */
export function temporaryFolder(): string {
  const folder = tmpdir()
  try {
    // With the slash, a file is none.
    statSync(`${folder}/`)
    accessSync(folder, constants.W_OK | constants.X_OK)
    return folder
  } catch (cause) {
    throw folderUnusable(folder, 'TMPDIR', cause)
  }
}

export function folderUnusable(path: string, variable: Variable, cause: unknown): MachineError {
  const message = `nothing can be written in ${path}: ${(cause as Error).message}`
  return new MachineError('folder-unusable', message, {
    cause,
    remedy: `set ${variable} to a folder that can be written`,
  })
}
