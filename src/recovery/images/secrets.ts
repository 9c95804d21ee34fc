import { readFileSync } from 'node:fs'
import { secretFilesIn } from '../../localhost/secret-folder.ts'

/** Payloads of secrets, by id. */
export type Secrets = ReadonlyMap<string, Uint8Array>

/**
 * Reads the file of each secret. All bytes of a file belong to the payload.
 * @throws InputError if the folder cannot be read
 */
export function readSecrets(folder: string): Secrets {
  return new Map([...secretFilesIn(folder)].map(([id, file]) => [id, readFileSync(file)]))
}
