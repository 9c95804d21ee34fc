import { sha256 } from '../evidence/manifest.ts'
import { readPack } from '../evidence/read-pack.ts'
import { signPack } from '../evidence/sign-pack.ts'
import { readSigningKey } from '../evidence/signing-key.ts'
import { readConfig } from '../project/project.ts'
import { stampOf, type TimestampFlags } from './timestamp-option.ts'
import { writePack } from './write-pack.ts'

/** The options of `evidence sign`. */
export interface SignFlags extends TimestampFlags {
  readonly config?: string
  readonly key: readonly string[]
}

/** Adds signatures to a pack. */
export async function signEvidence(path: string, flags: SignFlags): Promise<void> {
  const keys = flags.key.map((one) => readSigningKey(one))
  const stamp = stampOf(flags, readConfig(process.cwd(), flags.config).timestampAuthority, true)
  const pack = await signPack(await readPack(path), path, keys, stamp)
  writePack(path, pack)
  process.stdout.write(`${path}: signed. SHA-256 ${sha256(pack)}\n`)
}
