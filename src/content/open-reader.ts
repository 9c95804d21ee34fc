import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { ReadContent } from '../assess/judge/content-port.ts'
import { MachineError } from '../errors.ts'
import { secretFilesIn } from '../localhost/secret-folder.ts'
import { type ContentReaderOptions, contentReader } from './read-content.ts'

export interface OpenContentReaderOptions extends Omit<ContentReaderOptions, 'secrets'> {
  /** A folder with a file per secret, named by its id, that holds the payload and nothing else. */
  readonly secretsFolder?: string
}

const installCommand = 'apt-get install --no-install-recommends qemu-utils'

/**
 * Checks that content can be read, and returns what reads it.
 * @throws MachineError if qemu-nbd is missing; InputError if the folder of secrets cannot be read
 */
export async function openContentReader({
  secretsFolder,
  ...options
}: OpenContentReaderOptions = {}): Promise<ReadContent> {
  const { program = ['qemu-nbd'] } = options
  await isThere(program).catch((cause: unknown) => {
    throw new MachineError('qemu-nbd-missing', 'reading content requires qemu-nbd, which is not installed', {
      remedy: installCommand,
      cause,
    })
  })
  const secrets = secretsFolder === undefined ? new Map<string, string>() : secretFilesIn(secretsFolder)
  return contentReader({ ...options, secrets })
}

/** In a folder that every user may enter. */
function isThere([program, ...args]: readonly [string, ...string[]]): Promise<unknown> {
  return promisify(execFile)(program, [...args, '--version'], { cwd: '/' })
}
