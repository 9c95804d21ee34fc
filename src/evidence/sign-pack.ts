import type { KeyObject } from 'node:crypto'
import { InputError } from '../errors.ts'
import { parseJournal } from '../journal/journal-file.ts'
import { packOf, timeOf } from './create-pack.ts'
import { manifestName } from './manifest.ts'
import { unpackFiles } from './pack-archive.ts'
import { readSignatures } from './read-signatures.ts'
import { signatureFolder, signedWith } from './signed-pack.ts'
import { type Stamp, stamped } from './stamp-signatures.ts'
import { verifyPack } from './verify-pack.ts'

/**
 * Returns a pack with the signatures of more keys. A pack that was altered is not signed.
 * @throws InputError if it was
 */
export async function signPack(
  archive: Uint8Array,
  path: string,
  keys: readonly KeyObject[],
  stamp?: Stamp,
): Promise<Buffer> {
  const { verdict, run } = await verifyPack(archive, path, [])
  const { files } = await unpackFiles(archive, path)
  const byPath = new Map(files.map((file) => [file.path, file.content]))
  const signatures = readSignatures(byPath)
  if (verdict === 'invalid' || signatures === undefined)
    throw new InputError(`${path} was altered, and is not signed`, {
      remedy: `See what was altered: dr-drill evidence verify ${path}`,
    })
  const contentOf = (name: string) => byPath.get(name) ?? new Uint8Array()
  const { entries } = parseJournal([contentOf('journal.ndjson')], 'journal.ndjson')
  const listed = files.filter((file) => file.path !== manifestName && !file.path.startsWith(`${signatureFolder}/`))
  const signed = await stamped(keys.reduce(signedWith, signatures), keys, timeOf(entries), stamp)
  const manifest = Buffer.from(contentOf(manifestName)).toString('utf8')
  return packOf(listed, manifest, signed, run, timeOf(entries))
}
