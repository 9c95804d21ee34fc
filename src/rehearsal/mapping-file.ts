import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { InputError } from '../errors.ts'
import { parseRestoreFile } from '../workloadmgr/restore/restore-file.ts'

/**
 * Checks the file of a mapping, and returns its absolute path.
 * @param project the folder that the path is relative to
 * @throws InputError if it cannot be read, or is not a mapping
 */
export function readMapping(file: string, project: string): string {
  const path = resolve(project, file)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new InputError(`cannot read the mapping: ${(cause as Error).message}`, { cause })
  }
  parseRestoreFile(text, path)
  return path
}
