import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Given } from '@cucumber/cucumber'
import type { DrillWorld } from '../../steps/support/world.ts'

Given('ansible-playbook is installed here', function (this: DrillWorld) {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  if (folders.some((folder) => isProgram(join(folder, 'ansible-playbook')))) return undefined
  return this.drill.notRun('ansible-playbook is not installed here (Debian: apt-get install ansible-core)')
})

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
