import { join } from 'node:path'
import type { Part } from './part.ts'
import { oneCheck } from './tally.ts'

/** Static checks. Each prints nothing when it passes. */
export const checks: readonly Part[] = [
  check('lint', ['biome', 'check', '--error-on-warnings', '.']),
  check('types', ['tsc', '--noEmit'], ['tsc', '--noEmit', '-p', 'page']),
  check('dead-code', ['knip', '--no-progress']),
]

type ToolCall = readonly [tool: string, ...args: string[]]

function check(name: string, ...calls: readonly ToolCall[]): Part {
  return {
    name,
    needs: [],
    async run({ shell, root, signal, print }) {
      let isPassed = true
      for (const [tool, ...args] of calls) {
        const program = join(root, 'node_modules/.bin', tool)
        const options = { cwd: root, signal, deadlineMs: 600_000 }
        const { exitCode, stdout, stderr } = await shell.try([program, ...args], options)
        if (exitCode !== 0) print(`${stdout}${stderr}`.trimEnd())
        isPassed &&= exitCode === 0
      }
      return oneCheck(isPassed)
    },
  }
}
