import { InputError } from '../errors.ts'
import { sha256 } from './manifest.ts'
import { readPack } from './read-pack.ts'
import type { Predecessor } from './statement.ts'
import { verifyPack } from './verify-pack.ts'

/**
 * Returns a pack as the predecessor of another one.
 * @throws InputError if it was altered: a chain of packs would begin with it
 */
export async function predecessorIn(path: string): Promise<Predecessor> {
  const archive = await readPack(path)
  const { verdict, run } = await verifyPack(archive, path, [])
  if (verdict === 'invalid')
    throw new InputError(`${path} was altered`, { remedy: `See what was altered: dr-drill evidence verify ${path}` })
  return { run, sha256: sha256(archive) }
}
