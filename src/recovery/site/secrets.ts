import { readFileSync } from 'node:fs'
import { secretFilesIn } from '../../localhost/secret-folder.ts'

/** Payloads by the ids of secrets. */
export type Secrets = ReadonlyMap<string, Uint8Array>

/**
 * Reads the file of each secret. All of its bytes are the payload.
 * @throws InputError for a folder that cannot be read
 */
export function readSecrets(folder: string): Secrets {
  return new Map([...secretFilesIn(folder)].map(([id, file]) => [id, readFileSync(file)]))
}
