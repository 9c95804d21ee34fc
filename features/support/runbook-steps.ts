import { existsSync } from 'node:fs'
import { type DataTable, Given, When } from '@cucumber/cucumber'
import type { EngineName } from '../../src/lab/engine/engine.ts'
import { findProgram } from '../../src/localhost/programs.ts'
import type { DrillWorld } from '../../steps/support/world.ts'
import { start, withEngine } from './harness-steps.ts'

When(
  'dr-drill runs {string} on {engine} with each of these configurations:',
  function (this: DrillWorld, feature: string, engine: EngineName, table: DataTable) {
    return withEngine(this, engine, async () => {
      const ends = table
        .raw()
        .flat()
        .map(async (file, index) => {
          // `none` is not a file: the default configuration is used.
          const config = existsSync(file) ? ['--config', file] : []
          const inner = await start(this, engine, [feature, ...config], { name: `drill ${index + 1}` })
          await inner.observeEnd()
        })
      await Promise.all(ends)
    })
  },
)

Given('ansible-playbook is installed here', function (this: DrillWorld) {
  if (findProgram(['ansible-playbook']) !== undefined) return undefined
  return this.drill.notRun('ansible-playbook is not installed here (Debian: apt-get install ansible-core)')
})
