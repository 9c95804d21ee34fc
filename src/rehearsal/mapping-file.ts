import { resolve } from 'node:path'
import { readNamedFile } from '../localhost/named-file.ts'
import { parseRestoreFile } from '../workloadmgr/restore/restore-file.ts'

/**
 * Checks the file of a mapping, and returns its absolute path.
 * @param project the folder that the path is relative to
 * @throws InputError if it cannot be read, or is not a mapping
 */
export function readMapping(file: string, project: string): string {
  const path = resolve(project, file)
  parseRestoreFile(readNamedFile({ what: 'the mapping', path, maxBytes: 2 ** 20 }), path)
  return path
}
