import { join } from 'node:path'
import type { Part } from './part.ts'
import { oneCheck } from './tally.ts'

/** What is found without running anything. Each is silent when all is well. */
export const checks: readonly Part[] = [
  check('lint', ['biome', 'check', '--error-on-warnings', '.']),
  check('types', ['tsc', '--noEmit']),
  check('dead-code', ['knip', '--no-progress']),
]

function check(name: string, [tool, ...args]: readonly [string, ...string[]]): Part {
  return {
    name,
    needs: [],
    async run({ shell, root, signal, say }) {
      const program = join(root, 'node_modules/.bin', tool)
      const { exitCode, stdout, stderr } = await shell.try([program, ...args], {
        cwd: root,
        signal,
        deadlineMs: 600_000,
      })
      if (exitCode !== 0) say(`${stdout}${stderr}`.trimEnd())
      return oneCheck(exitCode === 0)
    },
  }
}
