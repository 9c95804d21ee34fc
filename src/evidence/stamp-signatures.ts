import type { KeyObject } from 'node:crypto'
import { keyIdOf } from './dsse.ts'
import { type Signatures, signaturesOf } from './signed-pack.ts'

/** Returns the response of a timestamp authority about some bytes, which must not be of a time before the end of the run. */
export type Stamp = (bytes: Uint8Array, runEnd: Date) => Promise<Uint8Array>

/** Returns signatures with timestamps of those that some keys made. */
export async function stamped(
  signatures: Signatures,
  keys: readonly KeyObject[],
  runEnd: Date,
  stamp?: Stamp,
): Promise<Signatures> {
  if (stamp === undefined) return signatures
  const timestamps = new Map(signatures.timestamps)
  const ids = keys.map(keyIdOf)
  for (const { keyid, signature, path } of signaturesOf(signatures))
    if (ids.includes(keyid)) timestamps.set(path, await stamp(signature, runEnd))
  return { ...signatures, timestamps }
}
