import { join } from 'node:path'
import { MachineError } from '../../src/errors.ts'
import type { ExitCode } from '../../src/run/exit-code.ts'
import { Lines } from '../../src/shell/lines.ts'
import type { Bench, Part } from './part.ts'
import type { Tally } from './tally.ts'

/**
 * The features, by the tool itself, in a process of its own: what is tested is what is used. All there are, whatever is
 * drilled in a checkout.
 */
export const features: readonly Part[] = [
  {
    name: 'features',
    needs: ['tests', 'embedded'],
    run: (bench) => runFeatures(bench, ['--engine', 'embedded', 'features']),
  },
  {
    // What a lab has to be is in these; that the other engine holds the same guests, in its contract.
    name: 'features-container',
    needs: ['tests', 'container'],
    run: (bench) => {
      const paths = bench.tags === undefined ? ofLabs : ['features/procedure/whole-process.feature']
      return runFeatures({ ...bench, tags: undefined }, ['--engine', 'container', ...paths])
    },
  },
]

/** Milliseconds that a run gets to end when it is interrupted: it has labs to take down, or an image that it is at. */
export const tidyMs = 60_000

/** Features of what happens in a lab, and not of the tool. */
const ofLabs = ['features/procedure', 'features/mount-paths', 'features/faults']

/** What of `run --json` counts here. */
interface Report {
  readonly exitCode: ExitCode
  readonly counts?: Readonly<Record<'passed' | 'failed' | 'unknown' | 'not run', number>>
  readonly error?: { readonly message: string }
}

async function runFeatures(
  { shell, root, signal, coverageFolder, tags, say }: Bench,
  args: readonly string[],
): Promise<Tally> {
  const main = join(root, 'src/cli/main.ts')
  const lines = new Lines((line) => {
    // The gate has a closing line of its own, and only one.
    if (!/^\d+ passed, \d+ failed/.test(line)) say(line)
  })
  const { exitCode, stdout } = await shell.try(
    [process.execPath, main, 'run', '--json', ...args, ...(tags === undefined ? [] : ['--tags', tags])],
    {
      cwd: root,
      env: { NODE_V8_COVERAGE: coverageFolder },
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
    throw new MachineError('run-broken', report?.error?.message ?? `the run ended with ${exitCode} and gave no result`)
  const { passed, failed, unknown, 'not run': notRun } = report.counts
  return { passed, failed: failed + unknown, skipped: notRun, exitCode: report.exitCode }
}

function parseReport(stdout: string): Report | undefined {
  try {
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Report
  } catch {
    return undefined
  }
}
