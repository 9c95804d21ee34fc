import type { RecordProblem } from '../../target/record-files.ts'

/** Of a record without which a disk restores all the same, and so does its snapshot but for its networks. */
export function isMinor({ file }: RecordProblem): boolean {
  return /(^|\/)(network_db|security_group_db|settings_db)$/.test(file)
}
