import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from '../../errors.ts'

/** Payloads by the ids of secrets. */
export type Secrets = ReadonlyMap<string, Uint8Array>

/**
 * A file for each secret, named as its id; all of its bytes count.
 * @throws InputError for a folder that cannot be read
 */
export function readSecrets(folder: string): Secrets {
  try {
    const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => !entry.isDirectory())
    return new Map(files.map(({ name }) => [name, readFileSync(join(folder, name))]))
  } catch (cause) {
    throw new InputError(`the folder of secrets cannot be read: ${(cause as Error).message}`, { cause })
  }
}
