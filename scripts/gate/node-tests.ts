import { globSync } from 'node:fs'
import type { EngineName } from '../../src/lab/engine/engine.ts'
import type { Part, PartContext } from './part.ts'
import { everyProcessor, runTestFiles } from './test-files.ts'

const tests = '{src,scripts,page}/**/*.test.ts'

/** Tests that start a program, such as `ssh` or `qemu-img`. All others are unit tests. */
const integrationTests = '{src,scripts,page}/**/*.integration.test.ts'

/** Tests that need an engine: its contract suite, and tests that open a lab or start the engine. */
const contracts = {
  embedded: [
    'src/lab/engine/embedded/embedded-engine.test.ts',
    'src/lab/engine/embedded/confinement.test.ts',
    'src/lab/engine/guest-shell.test.ts',
  ],
  container: ['src/lab/engine/container/*.test.ts', 'src/setup/prepare-container-engine.test.ts'],
} as const satisfies Readonly<Record<EngineName, readonly string[]>>

const enginesWithContracts = ['embedded', 'container'] as const

/** The tests beside the code, by what they need. */
export const nodeTests: readonly Part[] = [
  {
    name: 'unit',
    needs: [],
    run: (context) => {
      const files = find(context, [tests], [integrationTests, ...Object.values(contracts).flat()])
      return runTestFiles(context, { files, concurrency: everyProcessor, isWithoutPrograms: true })
    },
  },
  {
    name: 'integration',
    needs: ['tests'],
    run: (context) => runTestFiles(context, { files: find(context, [integrationTests]), concurrency: everyProcessor }),
  },
  ...enginesWithContracts.map(
    (engine): Part => ({
      name: `contracts-${engine}`,
      needs: ['tests', engine],
      run: (context) => runTestFiles(context, { files: find(context, contracts[engine]), concurrency: 1 }),
    }),
  ),
]

function find({ root }: PartContext, patterns: readonly string[], exclude: readonly string[] = []): readonly string[] {
  return globSync(patterns, { cwd: root, exclude })
}
