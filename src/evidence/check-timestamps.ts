import type { JournalEntry } from '../journal/journal.ts'
import { timeOf } from './create-pack.ts'
import type { ReportProblem } from './pack-problem.ts'
import { type Signatures, signaturesOf } from './signed-pack.ts'
import type { Timestamp } from './timestamp.ts'

/** The later one of the two timestamps of each signer, by the id of the key. */
export type SignerTimestamps = ReadonlyMap<string, Timestamp>

export interface TimestampInput {
  readonly signatures: Signatures
  readonly entries: readonly JournalEntry[]
  /** Certificates of trusted authorities, in DER. If there are any, each signature of `required` must have a timestamp. */
  readonly authorities: readonly Uint8Array[]
  /** The ids of keys. */
  readonly required: readonly string[]
}

/** Checks all timestamps of a pack. Those that prove nothing are reported, and not returned. */
export async function checkTimestamps(
  { signatures, entries, authorities, required }: TimestampInput,
  report: ReportProblem,
): Promise<SignerTimestamps> {
  const found = new Map<string, Timestamp>()
  for (const { keyid, signature, path } of signaturesOf(signatures)) {
    const response = signatures.timestamps.get(path)
    const isRequired = authorities.length > 0 && required.includes(keyid)
    if (response === undefined) {
      if (isRequired) report('not timestamped', path, `the signature of the key ${keyid} has no timestamp`)
      continue
    }
    // Most packs have no timestamps, and need not wait for the code that reads them.
    const { checkTimestamp, clockProblem } = await import('./timestamp.ts')
    const timestamp = await checkTimestamp(response, signature, authorities)
    const problem = 'problem' in timestamp ? timestamp.problem : clockProblem(timestamp, timeOf(entries))
    if (problem !== undefined) report('bad timestamp', path, problem)
    if ('problem' in timestamp) continue
    if (isRequired && !timestamp.isTrusted)
      report('bad timestamp', path, `its authority is not a trusted one: ${timestamp.authority}`)
    const other = found.get(keyid)
    const isTrusted = timestamp.isTrusted && other?.isTrusted !== false
    found.set(keyid, { ...(other !== undefined && other.at > timestamp.at ? other : timestamp), isTrusted })
  }
  return found
}
