import { join } from 'node:path'
import type { Part } from './part.ts'
import { oneCheck } from './tally.ts'

/** Static checks. Each prints nothing when it passes. */
export const checks: readonly Part[] = [
  check('lint', ['biome', 'check', '--error-on-warnings', '.']),
  check('types', ['tsc', '--noEmit']),
  check('dead-code', ['knip', '--no-progress']),
]

function check(name: string, [tool, ...args]: readonly [string, ...string[]]): Part {
  return {
    name,
    needs: [],
    async run({ shell, root, signal, print }) {
      const program = join(root, 'node_modules/.bin', tool)
      const { exitCode, stdout, stderr } = await shell.try([program, ...args], {
        cwd: root,
        signal,
        deadlineMs: 600_000,
      })
      if (exitCode !== 0) print(`${stdout}${stderr}`.trimEnd())
      return oneCheck(exitCode === 0)
    },
  }
}
