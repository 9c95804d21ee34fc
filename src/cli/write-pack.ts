import { writingFailed } from '../journal/journal-file.ts'
import { writeWhole } from '../localhost/write-whole.ts'

/**
 * Writes an evidence pack at once.
 * @throws InputError if the folder is not writable, MachineError if the disk is full or fails
 */
export function writePack(path: string, pack: Uint8Array): void {
  try {
    writeWhole(path, pack)
  } catch (error) {
    throw writingFailed(path, error)
  }
}
