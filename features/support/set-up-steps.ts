// Setups that are killed.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Then, When } from '@cucumber/cucumber'
import { until } from '../../src/concurrency/deadline.ts'
import type { DrillWorld } from '../../steps/support/world.ts'
import { EngineBuilds } from './engine-builds.ts'
import { withEngine } from './harness-steps.ts'
import { leftOfFirstSetup, leftOfSecondSetup, secondSetupExit, secondSetupOutput } from './observations.ts'
import { otherPackages, withRecipe } from './surroundings.ts'
import { ToolProcess } from './tool-process.ts'

When(
  'dr-drill sets up the embedded engine, is killed while it prints {string}, and sets it up again',
  async function (this: DrillWorld, words: string) {
    const place = this.drill.own(new Place())
    const setUp = () => this.drill.own(new ToolProcess(['setup', '--engine', 'embedded'], place))
    await interruptAndRepeat(this, words, setUp, async () => place.left())
  },
)

When(
  'dr-drill sets up the container engine, is killed while it prints {string}, and sets it up again',
  function (this: DrillWorld, words: string) {
    return withEngine(this, 'container', async () => {
      const place = this.drill.own(new Place())
      // Setup would build nothing if the guest image existed already.
      const surroundings = { ...place, ...withRecipe(place.write('packages', await otherPackages())) }
      const builds = this.drill.own(await EngineBuilds.begin())
      const setUp = () => this.drill.own(new ToolProcess(['setup', '--engine', 'container'], surroundings))
      await interruptAndRepeat(this, words, setUp, async () => [...place.left(), ...(await builds.left())])
    })
  },
)

async function interruptAndRepeat(
  { drill }: DrillWorld,
  words: string,
  setUp: () => ToolProcess,
  left: () => Promise<readonly string[]>,
): Promise<void> {
  const { signal, journal } = drill
  const first = setUp()
  await until(`the output "${words}"`, async () => first.output.includes(words) || undefined, {
    deadlineMs: 900_000,
    intervalMs: 5,
    signal,
  })
  first.killGroup()
  await first.ended
  // Setup ends at once. The processes that clean up after it get more time.
  await until('everything to be removed', async () => (await left()).length === 0 || undefined, {
    deadlineMs: 30_000,
    signal,
  }).catch(() => undefined)
  signal.throwIfAborted()
  leftOfFirstSetup.record(journal, 'localhost', await left())

  const second = setUp()
  secondSetupExit.record(journal, 'localhost', await second.ended)
  secondSetupOutput.record(journal, 'localhost', second.output)
  leftOfSecondSetup.record(journal, 'localhost', await left())
}

Then('nothing is left of the first setup', function (this: DrillWorld) {
  this.drill.judge(leftOfFirstSetup.is, { facts: [] })
})

Then('the second setup exits with {int}', function (this: DrillWorld, facts: number) {
  this.drill.judge(secondSetupExit.is, { facts })
})

Then('only the guest image is left of the second setup', function (this: DrillWorld) {
  this.drill.judge(leftOfSecondSetup.is, { facts: ['guest image'] })
})

/** Separate folders for everything that setup writes. */
class Place implements Disposable {
  readonly environment: Readonly<Record<string, string>>
  readonly #folder = mkdtempSync(join(tmpdir(), 'dr-drill-'))

  constructor() {
    const at = (name: string) => join(this.#folder, name)
    // Debian is bootstrapped by another user, who needs access.
    chmodSync(this.#folder, 0o755)
    mkdirSync(at('tmp'))
    this.environment = { TMPDIR: at('tmp'), XDG_CACHE_HOME: at('cache'), XDG_STATE_HOME: at('state') }
  }

  /** Writes a file that does not count as left behind. */
  write(name: string, content: string): string {
    const path = join(this.#folder, name)
    writeFileSync(path, content)
    return path
  }

  /** Files that are left, and processes and mounts that could write more. */
  left(): readonly string[] {
    const cache = list(join(this.#folder, 'cache', 'dr-drill'))
    return [
      ...list(join(this.#folder, 'tmp')).map((name) => `tmp: ${name}`),
      ...cache.map((name) => (/^guest-[0-9a-f]{16}$/.test(name) ? 'guest image' : `cache: ${name}`)),
      ...processesOf(this.#folder),
      ...mountsBelow(this.#folder),
    ]
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function processesOf(folder: string): readonly string[] {
  const read = (pid: string, file: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' ').trim()
    } catch {
      return ''
    }
  }
  return list('/proc')
    .filter((name) => /^\d+$/.test(name) && read(name, 'environ').includes(folder))
    .map((pid) => `process: ${read(pid, 'cmdline')}`)
}

function mountsBelow(folder: string): readonly string[] {
  const places = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
  return places.filter((place) => place.startsWith(folder)).map((place) => `mount: ${place}`)
}
