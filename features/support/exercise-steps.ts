// Teams of scripts that play exercises.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { Then, When } from '@cucumber/cucumber'
import { until } from '../../src/concurrency/deadline.ts'
import { defineObservation, isText } from '../../src/index.ts'
import type { EngineName } from '../../src/lab/engine/engine.ts'
import type { DrillWorld } from '../../steps/support/world.ts'
import type { DrillProcess } from './drill-process.ts'
import { start, withEngine } from './harness-steps.ts'

const verified = defineObservation('what exercise verify prints', isText)
const handedOut = defineObservation('the folders of the participants', isText)

/** Starts an exercise for one person, and waits for the person's folder. */
async function begin(world: DrillWorld, exercise: string, engine: EngineName) {
  const inner = await start(world, engine, [exercise, '--person', 'ann'], { command: 'exercise' })
  const folder = () => /^ {2}ann: (.+)$/m.exec(inner.output)?.[1]
  await inner.until('the clock to run', () => folder() !== undefined)
  return { inner, folder: folder() ?? '' }
}

/** Runs a command as the person. Returns what it prints. */
async function asAnn(folder: string, line: string): Promise<string> {
  const child = spawn('sh', ['-c', line], {
    cwd: 'fixtures/exercises',
    env: { ...process.env, SSH_CONFIG: `${folder}/ssh_config` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  await new Promise((resolve) => child.on('close', resolve))
  return output
}

When(
  'a team plays the exercise {string} by {string} on {engine}',
  function (this: DrillWorld, exercise: string, line: string, engine: EngineName) {
    return withEngine(this, engine, async () => {
      const { inner, folder } = await begin(this, exercise, engine)
      await asAnn(folder, line)
      const view = await asAnn(folder, 'ssh -o LogLevel=ERROR -F "$SSH_CONFIG" exercise verify')
      verified.record(this.drill.journal, 'localhost', view)
      inner.type('done\n')
      await observeEnd(this, inner, folder)
    })
  },
)

/** How the facilitator goes. */
const ways: Readonly<Record<string, (inner: DrillProcess) => void>> = {
  'presses Ctrl-C': (inner) => inner.interrupt(),
  'is killed': (inner) => inner.kill(),
}

When(
  /^the facilitator (presses Ctrl-C|is killed) while a participant works in "(.+)" on the (container|embedded) engine$/,
  function (this: DrillWorld, way: string, exercise: string, engine: EngineName) {
    return withEngine(this, engine, async () => {
      const { inner, folder } = await begin(this, exercise, engine)
      const working = asAnn(folder, 'ssh -F "$SSH_CONFIG" compute-1 "echo begun; sleep 600"')
      await inner.until('the participant to work', () => inner.output.includes('ann entered'))
      ways[way]?.(inner)
      await working
      await observeEnd(this, inner, folder)
    })
  },
)

Then('verify has printed {string}', function (this: DrillWorld, text: string) {
  this.drill.judge(verified.mentions, { text })
})

Then('the folder of the participant is gone', function (this: DrillWorld) {
  this.drill.judge(handedOut.is, { facts: 'gone' })
})

async function observeEnd(world: DrillWorld, inner: DrillProcess, folder: string): Promise<void> {
  await inner.observeEnd()
  const gone = async () => (existsSync(dirname(folder)) ? undefined : 'gone')
  const facts = await until('the folders to be removed', gone, { deadlineMs: 10_000 }).catch(() => 'left')
  handedOut.record(world.drill.journal, 'localhost', facts)
}
