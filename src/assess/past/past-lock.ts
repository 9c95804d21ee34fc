import { InputError } from '../../errors.ts'
import { holdName } from '../../localhost/held-name.ts'

/**
 * Keeps other assessments on this host away from a record until it is disposed of.
 * @param path without symbolic links
 * @throws InputError if another assessment has it
 */
export async function lockRecord(path: string): Promise<AsyncDisposable> {
  const lock = await holdName('record', path)
  if (lock !== undefined) return lock
  throw new InputError(`--record: another assessment is using ${path}`, {
    remedy: 'Wait until it ends, or pass another file.',
  })
}
