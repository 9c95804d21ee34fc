import { type RecordKind, type RecordOf, type RecordProblem, readRecord } from '../../target/record-files.ts'
import { messageOf } from './oddities.ts'
import type { TargetTree } from './target-tree.ts'

/** Most records fit; new memory for each would lie about until somebody collects it. */
const reused = Buffer.allocUnsafeSlow(64 * 2 ** 10)
/** No record of the product comes near it. */
const maxRecordBytes = 8 * 2 ** 20

/** A record file; what is wrong with it goes into `problems`. */
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
    // Whatever else there may be to say of it is said of all of the file.
    if (atOnce?.problems.length === 0) return atOnce.record
    return tree.withFile(path, (file) => {
      const { fileBytes } = file
      if (fileBytes > maxRecordBytes) {
        report(`${fileBytes} bytes: a record is never so long`)
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
