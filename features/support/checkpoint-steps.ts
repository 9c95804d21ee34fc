// Inner runs whose scenarios share a background.
import { appendFileSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Then, When } from '@cucumber/cucumber'
import type { EngineName } from '../../src/lab/engine/engine.ts'
import type { DrillWorld } from '../../steps/support/world.ts'
import type { DrillProcess } from './drill-process.ts'
import { start, withEngine } from './harness-steps.ts'
import { checkpointStarts, journalNotes } from './observations.ts'

When(
  'dr-drill runs only the scenario {string} of {string} on {engine}',
  function (this: DrillWorld, name: string, feature: string, engine: EngineName) {
    return withEngine(this, engine, async () => (await start(this, engine, [feature, '--name', name])).observeEnd())
  },
)

When(
  'dr-drill runs {string} on {engine} and is killed while it saves a checkpoint',
  function (this: DrillWorld, feature: string, engine: EngineName) {
    return withEngine(this, engine, async () => {
      const inner = await start(this, engine, [feature])
      await inner.until('a checkpoint to begin', () => archivesOf(inner).length > 0)
      inner.killGroup()
      await inner.observeEnd()
    })
  },
)

When(
  'dr-drill runs {string} on {engine} while its checkpoint is changed',
  function (this: DrillWorld, feature: string, engine: EngineName) {
    return withEngine(this, engine, async () => {
      const inner = await start(this, engine, [feature])
      await inner.untilJournal('the outcome of the background is saved')
      for (const file of archivesOf(inner).slice(0, 1)) appendFileSync(file, 'x')
      await inner.observeEnd()
    })
  },
)

Then('the journal of the drill notes {string}', function (this: DrillWorld, text: string) {
  this.drill.judge(journalNotes.mentions, { text })
})

Then('{int} scenarios of the drill begin from a checkpoint', function (this: DrillWorld, facts: number) {
  this.drill.judge(checkpointStarts.is, { facts })
})

/** The archives of machines' disks, complete or not. */
function archivesOf({ run }: DrillProcess): readonly string[] {
  const folders = readdirSync(tmpdir()).filter((name) => name.includes(run) && name.includes('checkpoint'))
  return folders.flatMap((folder) => {
    const path = join(tmpdir(), folder)
    return readdirSync(path)
      .filter((name) => name.endsWith('.tar'))
      .map((name) => join(path, name))
  })
}
