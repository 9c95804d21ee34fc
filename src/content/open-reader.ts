import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { ReadContent } from '../assess/judge/content-port.ts'
import { MachineError } from '../errors.ts'
import { secretFilesIn } from '../localhost/secret-folder.ts'
import { type ContentReaderOptions, contentReader } from './read-content.ts'

export interface OpenContentReaderOptions extends Omit<ContentReaderOptions, 'secrets'> {
  /** A folder with a file for each secret, which has its id for a name and nothing but its payload in it. */
  readonly secretsFolder?: string
}

const installCommand = 'apt-get install --no-install-recommends qemu-utils'

/**
 * What reads content, once it is known that it can.
 * @throws MachineError when there is no qemu-nbd here; InputError when the folder of secrets cannot be read
 */
export async function openContentReader({
  secretsFolder,
  ...options
}: OpenContentReaderOptions = {}): Promise<ReadContent> {
  const { program = ['qemu-nbd'] } = options
  await isThere(program).catch((cause: unknown) => {
    throw new MachineError('qemu-nbd-missing', 'content is read through qemu-nbd, which is not here', {
      remedy: installCommand,
      cause,
    })
  })
  const secrets = secretsFolder === undefined ? new Map<string, string>() : secretFilesIn(secretsFolder)
  return contentReader({ ...options, secrets })
}

/** Asked from a folder that every user may be in. */
function isThere([program, ...args]: readonly [string, ...string[]]): Promise<unknown> {
  return promisify(execFile)(program, [...args, '--version'], { cwd: '/' })
}
