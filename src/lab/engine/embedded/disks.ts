import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { diskFiles } from '../disk-files.ts'
import { systemPath } from '../system-path.ts'

const tar = (...args: readonly string[]) => promisify(execFile)('tar', args, { env: { PATH: systemPath } })

/** Writes the disks in a machine's folder to a sparse archive. */
export async function packDisks(folder: string, file: string): Promise<void> {
  await tar('--sparse', '-cf', file, '-C', folder, ...diskFiles)
}

export async function unpackDisks(file: string, folder: string): Promise<void> {
  await tar('--sparse', '-xf', file, '-C', folder)
}
