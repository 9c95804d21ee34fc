import { globSync } from 'node:fs'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import type { EngineName } from '../../src/lab/engine/engine.ts'
import type { Bench, Part } from './part.ts'
import type { Tally } from './tally.ts'

/** The only tests in src that need an engine: its contract suite, and what else brings up labs or starts one. */
const contracts = {
  embedded: ['src/lab/engine/embedded/embedded-engine.test.ts', 'src/lab/engine/*.test.ts'],
  container: ['src/lab/engine/container/*.test.ts', 'src/setup/engine.test.ts'],
} as const satisfies Readonly<Record<EngineName, readonly string[]>>

const enginesWithContracts = ['embedded', 'container'] as const

/** How long one test file may take: a hung one is ended and has failed. */
const fileDeadlineMs = 1_200_000

/** Tests that start programs: `ssh`, `qemu-img`, a process to kill. All other tests are unit tests. */
const integrationTests = '{src,scripts}/**/*.integration.test.ts'

/** Tests with `node:test`, which are beside the code. Unit and integration tests need no engine; contracts do. */
export const nodeTests: readonly Part[] = [
  {
    name: 'unit',
    needs: ['tests'],
    run: (bench) => runFiles(bench, findTests(bench, '{src,scripts}/**/*.test.ts', [integrationTests]), true),
  },
  {
    name: 'integration',
    needs: ['tests'],
    run: (bench) => runFiles(bench, findTests(bench, integrationTests), true),
  },
  ...enginesWithContracts.map(
    (engine): Part => ({
      name: `contracts-${engine}`,
      needs: ['tests', engine],
      run: (bench) => runFiles(bench, globSync([...contracts[engine]], { cwd: bench.root }), false),
    }),
  ),
]

function findTests({ root }: Bench, pattern: string, exclude: readonly string[] = []): string[] {
  return globSync(pattern, { cwd: root, exclude: [...Object.values(contracts).flat(), ...exclude] })
}

async function runFiles(
  { root, signal, coverageFolder, say }: Bench,
  files: string[],
  atOnce: boolean,
): Promise<Tally> {
  if (files.length === 0) throw new Error('there are no test files')
  // The environment is what their processes inherit; `run` takes none.
  process.env['NODE_V8_COVERAGE'] = coverageFolder
  try {
    const stream = run({ cwd: root, files: files.sort(), concurrency: atOnce, timeout: fileDeadlineMs, signal })
    let tally: Tally = { passed: 0, failed: 0, skipped: 0, exitCode: 1 }
    stream.on('test:summary', ({ file, success, counts }) => {
      if (file !== undefined) return
      const { tests, passed, skipped, todo } = counts
      // A suite whose hook fails is not among the tests that are counted.
      const failed = Math.max(tests - passed - skipped - todo, success ? 0 : 1)
      tally = { passed, failed, skipped: skipped + todo, exitCode: success ? 0 : 1 }
    })
    let text = ''
    for await (const chunk of stream.compose(new spec())) text += chunk
    if (tally.exitCode !== 0 && !signal.aborted) say(failuresOf(text))
    return tally
  } finally {
    delete process.env['NODE_V8_COVERAGE']
  }
}

/** The reporter repeats at its end what failed, with all that is known of it. */
function failuresOf(text: string): string {
  const start = text.indexOf('failing tests:')
  return (start === -1 ? text : text.slice(text.lastIndexOf('\n', start) + 1)).trimEnd()
}
