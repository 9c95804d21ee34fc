// Teams of scripts that play exercises.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, globSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Then, When } from '@cucumber/cucumber'
import { until } from '../../src/concurrency/deadline.ts'
import { defineObservation, isText } from '../../src/index.ts'
import type { EngineName } from '../../src/lab/engine/engine.ts'
import type { DrillWorld } from '../../steps/support/world.ts'
import type { DrillProcess } from './drill-process.ts'
import { start, withEngine } from './harness-steps.ts'
import { ToolProcess } from './tool-process.ts'

const verified = defineObservation('what exercise verify prints', isText)
const packed = defineObservation('the evidence pack of the exercise', isText)
const recordedText = defineObservation('the recordings of the participants', isText)
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
  'closes the terminal': (inner) => inner.hangUp(),
  'calls it off': (inner) => inner.type('off enough\n'),
}

When(
  /^the facilitator (presses Ctrl-C|is killed|closes the terminal|calls it off) while a participant works in "(.+)" on the (container|embedded) engine$/,
  function (this: DrillWorld, way: string, exercise: string, engine: EngineName) {
    return withEngine(this, engine, async () => {
      const { inner, folder } = await begin(this, exercise, engine)
      const working = asAnn(folder, 'ssh -F "$SSH_CONFIG" compute-1 "echo begun; sleep 600"')
      await inner.until('the participant to work', () => recordedIn(inner).includes('begun'))
      ways[way]?.(inner)
      await working
      await observeEnd(this, inner, folder)
    })
  },
)

Then('verify has printed {string}', function (this: DrillWorld, text: string) {
  this.drill.judge(verified.mentions, { text })
})

Then('the recordings of the participants hold {string}', function (this: DrillWorld, text: string) {
  this.drill.judge(recordedText.mentions, { text })
})

Then('the evidence of the exercise is consistent, and holds its script and recordings', function (this: DrillWorld) {
  for (const text of ['is consistent', 'one-compute-was-forgotten.yaml', 'recordings/001-ann-recovery-compute-1.cast'])
    this.drill.judge(packed.mentions, { text })
})

Then('the folder of the participant is gone', function (this: DrillWorld) {
  this.drill.judge(handedOut.is, { facts: 'gone' })
})

async function observeEnd(world: DrillWorld, inner: DrillProcess, folder: string): Promise<void> {
  await inner.observeEnd()
  const gone = async () => (existsSync(dirname(folder)) ? undefined : 'gone')
  const facts = await until('the folders to be removed', gone, { deadlineMs: 10_000 }).catch(() => 'left')
  handedOut.record(world.drill.journal, 'localhost', facts)
  recordedText.record(world.drill.journal, 'localhost', recordedIn(inner))
  packed.record(world.drill.journal, 'localhost', await packOf(inner))
}

/** Packs the evidence of a run, and returns what its verification prints, and the names of its files. */
async function packOf({ folder }: DrillProcess): Promise<string> {
  const pack = `${folder}.tar`
  const parts: string[] = []
  for (const args of [
    ['create', folder, '-o', pack],
    ['verify', pack],
  ]) {
    using command = new ToolProcess(['evidence', ...args])
    await command.ended
    parts.push(command.output)
  }
  const names = execFileSync('tar', ['-tf', pack], { encoding: 'utf8' })
  rmSync(pack)
  return [...parts, names].join('')
}

/** Returns what all recordings of a run hold of the output of participants. @throws SyntaxError for one that is not readable */
function recordedIn({ folder }: DrillProcess): string {
  return globSync('recordings/*.cast', { cwd: folder })
    .flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n').slice(1, -1))
    .map((line) => JSON.parse(line) as readonly [number, string, string])
    .flatMap(([, code, text]) => (code === 'o' ? [text] : []))
    .join('')
}
