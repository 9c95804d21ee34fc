import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { printable } from '../text/printable.ts'
import type { WorkloadManager } from './manager.ts'

/** Adds a line to the log of the workload manager, `workloadmgr.log` in its state directory. */
export function writeLog({ config }: Pick<WorkloadManager, 'config'>, level: 'INFO' | 'WARNING', text: string): void {
  const line = `${new Date().toISOString()} ${level} ${printable(text)}\n`
  appendFileSync(join(config.stateDirectory, 'workloadmgr.log'), line, { mode: 0o644 })
}
