import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ReadContent } from '../assess/judge/content-port.ts'
import { InputError, MachineError } from '../errors.ts'
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
  const secrets = secretsFolder === undefined ? new Map<string, string>() : await readSecrets(secretsFolder)
  return contentReader({ ...options, secrets })
}

/** Asked from a folder that every user may be in. */
function isThere([program, ...args]: readonly [string, ...string[]]): Promise<unknown> {
  return promisify(execFile)(program, [...args, '--version'], { cwd: '/' })
}

async function readSecrets(folder: string): Promise<ReadonlyMap<string, string>> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return new Map(entries.filter((entry) => !entry.isDirectory()).map(({ name }) => [name, join(folder, name)]))
  } catch (cause) {
    throw new InputError(`the folder of secrets cannot be read: ${(cause as Error).message}`, { cause })
  }
}
