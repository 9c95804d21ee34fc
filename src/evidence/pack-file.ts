import { readFileSync, statSync } from 'node:fs'
import { InputError } from '../errors.ts'
import { sha256 } from './manifest.ts'
import { maxPackBytes } from './pack-archive.ts'
import type { Predecessor } from './statement.ts'
import { verifyPack } from './verify-pack.ts'

/** @throws InputError if the file cannot be read, or is larger than any pack */
export function readPack(path: string): Buffer {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  // Headers and paddings come on top.
  if (size > maxPackBytes * 1.1) throw new InputError(`${path} has ${size} bytes, which is more than any pack has`)
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new InputError(`cannot read ${path}: ${(cause as Error).message}`, { cause })
  }
}

/**
 * Returns a pack as the predecessor of another one.
 * @throws InputError if it was altered: a chain of packs would begin with it
 */
export async function predecessorIn(path: string): Promise<Predecessor> {
  const archive = readPack(path)
  const { verdict, run } = await verifyPack(archive, path, [])
  if (verdict === 'invalid')
    throw new InputError(`${path} was altered`, { remedy: `See what was altered: dr-drill evidence verify ${path}` })
  return { run, sha256: sha256(archive) }
}
