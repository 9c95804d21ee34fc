import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'node:test'

const main = join(import.meta.dirname, 'main.ts')
const project = join(import.meta.dirname, '../..')

/** Runs `lab up` with arguments that it must refuse before anything starts. */
function labUp(...args: readonly string[]): Promise<{ readonly code: unknown; readonly stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'lab', 'up', ...args], { cwd: project }, (error, _stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stderr }),
    )
  })
}

describe('lab up --break', { concurrency: true }, () => {
  const cases: readonly (readonly [what: string, args: readonly string[], message: RegExp])[] = [
    ['an unknown exercise, with the nearest', ['--break', 'the-page-by-book'], /Did you mean the-page-by-the-book\?/],
    [
      'a feature that is not an exercise',
      ['--break', 'features/procedure/reboot.feature'],
      /reboot\.feature is not an exercise: its feature does not have the tag @exercise/,
    ],
    ['a file that is not a feature', ['--break', 'README.md'], /README\.md is not a feature/],
    ['a topology beside an exercise', ['a.yaml', '--break', 'the-page-by-the-book'], /either a topology or --break/],
    ['neither', [], /either a topology or --break/],
    ['a folder for files', ['--break', 'the-page-by-the-book', '--dir', 'x'], /--break cannot be combined with --dir/],
  ]
  for (const [what, args, message] of cases)
    it(`refuses ${what}`, async () => {
      const { code, stderr } = await labUp(...args)
      assert.equal(code, 2, stderr)
      assert.match(stderr, message)
    })
})
