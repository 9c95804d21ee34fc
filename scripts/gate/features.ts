import { join } from 'node:path'
import { MachineError } from '../../src/errors.ts'
import type { ExitCode } from '../../src/run/exit-code.ts'
import { LineSplitter } from '../../src/shell/line-splitter.ts'
import type { Part, PartContext } from './part.ts'
import type { Tally } from './tally.ts'

/** The features, run by dr-drill in a process of its own: all of them, not only those that a checkout drills. */
export const features: readonly Part[] = [
  {
    name: 'features',
    needs: ['tests', 'embedded'],
    run: (context) => runFeatures(context, ['--engine', 'embedded', 'features']),
  },
  {
    // These features cover what a lab must be. The contract tests cover that both engines hold the same guests.
    name: 'features-container',
    needs: ['tests', 'container'],
    run: (context) => {
      const paths = context.tags === undefined ? featuresOfLabs : ['features/procedure/whole-process.feature']
      return runFeatures({ ...context, tags: undefined }, ['--engine', 'container', ...paths])
    },
  },
]

/** How long an interrupted run may take to clean up: it removes labs, or finishes an image. */
export const tidyMs = 60_000

/** Features about labs. The others are about the tool. */
const featuresOfLabs = ['features/procedure', 'features/mount-paths', 'features/faults']

/** The used fields of the output of `run --json`. */
interface RunReport {
  readonly exitCode: ExitCode
  readonly counts?: Readonly<Record<'passed' | 'failed' | 'unknown' | 'not run', number>>
  readonly error?: { readonly message: string }
}

async function runFeatures(
  { shell, root, signal, environment, tags, print }: PartContext,
  args: readonly string[],
): Promise<Tally> {
  const main = join(root, 'src/cli/main.ts')
  const lines = new LineSplitter((line) => {
    // The gate prints a closing line of its own.
    if (!/^\d+ passed, \d+ failed/.test(line)) print(line)
  })
  const { exitCode, stdout } = await shell.try(
    [process.execPath, main, 'run', '--json', ...args, ...(tags === undefined ? [] : ['--tags', tags])],
    {
      cwd: root,
      env: environment,
      signal,
      tidyMs,
      deadlineMs: 4 * 3_600_000,
      captureBytes: 64 * 2 ** 20,
      onOutput: (chunk, stream) => stream === 'stderr' && lines.add(chunk),
    },
  )
  lines.end()
  const report = parseReport(stdout)
  if (report?.counts === undefined)
    throw new MachineError('run-broken', report?.error?.message ?? `dr-drill exited with ${exitCode} without a report`)
  const { passed, failed, unknown, 'not run': notRun } = report.counts
  return { passed, failed: failed + unknown, skipped: notRun, exitCode: report.exitCode }
}

function parseReport(stdout: string): RunReport | undefined {
  try {
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as RunReport
  } catch {
    return undefined
  }
}
