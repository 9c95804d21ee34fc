import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { blockBytes, digestContent } from './digest.ts'

/**
 * Content digest, version 1, of a raw file on this machine. Holes are read as zeroes: Node cannot seek to data.
 * @throws the error of the file system; RangeError if the file changes its size meanwhile
 */
export async function digestFile(path: string): Promise<string> {
  const { size } = await stat(path)
  return digestContent(createReadStream(path, { highWaterMark: 16 * blockBytes }), size)
}
