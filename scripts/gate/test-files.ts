import { availableParallelism } from 'node:os'
import { type EventData, run } from 'node:test'
import { spec } from 'node:test/reporters'
import { duration } from '../../src/text/duration.ts'
import type { PartContext } from './part.ts'
import type { Tally } from './tally.ts'
import { TemporaryFolders } from './temporary-folders.ts'

/** Files that run longer have failed, and are stopped. */
const fileDeadlineMs = 1_200_000

/** Files that take longer are named when they end, which also shows progress. */
const slowFileMs = 10_000

/** Options of Node under which starting a program fails. Everything else is allowed, native add-ons included. */
const withoutPrograms = [
  '--permission',
  '--allow-fs-read=*',
  '--allow-fs-write=*',
  '--allow-worker',
  '--allow-addons',
  '--disable-warning=SecurityWarning',
]

export interface TestFilesOptions {
  /** Relative to the checkout. */
  readonly files: readonly string[]
  /** How many files run at the same time. Default: one fewer than there are processors. */
  readonly concurrency?: number
  /** True to fail tests that start a program. */
  readonly isWithoutPrograms?: boolean
}

/** The concurrency for tests that do not disturb each other. */
export const everyProcessor = availableParallelism()

/**
 * Runs files of `node:test`, each in a process and with a temporary folder of its own. Prints failed and slow files when
 * they end, then failed tests, and files that left something behind.
 */
export async function runTestFiles(
  { root, signal, environment, print }: PartContext,
  { files, concurrency, isWithoutPrograms = false }: TestFilesOptions,
): Promise<Tally> {
  if (files.length === 0) throw new Error('no test files found')
  await using folders = await TemporaryFolders.make()
  // `run` takes no environment: the processes inherit ours.
  Object.assign(process.env, environment)
  try {
    const stream = run({
      cwd: root,
      files: files.toSorted(),
      concurrency: concurrency ?? true,
      timeout: fileDeadlineMs,
      signal,
      execArgv: [...(isWithoutPrograms ? withoutPrograms : []), ...folders.nodeOptions],
    })
    let tally: Tally = { passed: 0, failed: 0, skipped: 0, exitCode: 1 }
    stream.on('test:summary', (summary) => {
      if (summary.file === undefined) tally = tallyOf(summary)
    })
    let ended = 0
    stream.on('test:complete', ({ name, nesting, details: { passed, duration_ms } }) => {
      // An interrupted file has neither passed nor failed.
      if (signal.aborted || nesting !== 0 || !files.includes(name)) return
      ended++
      if (!passed || duration_ms > slowFileMs)
        print(`${passed ? '✔' : '✖'} ${ended}/${files.length} ${name} (${duration(duration_ms)})`)
    })
    let text = ''
    for await (const chunk of stream.compose(new spec())) text += chunk
    if (signal.aborted) return tally
    if (tally.exitCode !== 0) print(failuresIn(text))
    // A hint only: some tests leave files behind by killing what would remove them.
    for (const line of await folders.leftovers()) print(line)
    if (text.includes("permission: 'ChildProcess'"))
      print('A unit test started a program. Move it to a file named *.integration.test.ts.')
    return tally
  } finally {
    for (const name of Object.keys(environment)) delete process.env[name]
  }
}

function tallyOf({ success, counts }: EventData.TestSummary): Tally {
  const { tests, passed, skipped, todo } = counts
  // The counts leave out a suite whose hook failed.
  const failed = Math.max(tests - passed - skipped - todo, success ? 0 : 1)
  return { passed, failed, skipped: skipped + todo, exitCode: success ? 0 : 1 }
}

/** The end of the report, which repeats failed tests in full. */
function failuresIn(text: string): string {
  const start = text.indexOf('failing tests:')
  return (start === -1 ? text : text.slice(text.lastIndexOf('\n', start) + 1)).trimEnd()
}
