import { recordBounds, tooLong } from '../../target/record-bounds.ts'
import { type RecordKind, type RecordOf, type RecordProblem, readRecord } from '../../target/record-files.ts'
import { messageOf } from './oddities.ts'
import type { TargetTree } from './target-tree.ts'

/** Most records fit. A new buffer for each would burden the garbage collector. */
const reused = Buffer.allocUnsafeSlow(64 * 2 ** 10)

/** Reads a record file. Its defects are added to `problems`. */
export function readRecordFile<Kind extends RecordKind>(
  tree: TargetTree,
  kind: Kind,
  path: string,
  problems: RecordProblem[],
): RecordOf<Kind> | undefined {
  const report = (message: string) => problems.push({ file: path, line: 1, column: 1, message })
  try {
    const short = tree.readShort(path, reused)
    const atOnce = short && readRecord(kind, short, path)
    // A record with problems is read again from the whole file, for their positions.
    if (atOnce?.problems.length === 0) return atOnce.record
    return tree.withFile(path, (file) => {
      const { fileBytes } = file
      if (fileBytes > recordBounds.bytes) {
        report(tooLong(fileBytes))
        return undefined
      }
      const bytes = fileBytes > reused.length ? Buffer.allocUnsafeSlow(fileBytes) : reused.subarray(0, fileBytes)
      const read = readRecord(kind, bytes.subarray(0, file.fill(bytes, 0)), path)
      problems.push(...read.problems)
      return read.record
    })
  } catch (error) {
    report(messageOf(error))
    return undefined
  }
}
