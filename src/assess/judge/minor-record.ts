import type { RecordProblem } from '../../target/record-files.ts'

/** True for a record that restores do not depend on: networks, security groups, settings. */
export function isMinor({ file }: RecordProblem): boolean {
  return /(^|\/)(network_db|security_group_db|settings_db)$/.test(file)
}
