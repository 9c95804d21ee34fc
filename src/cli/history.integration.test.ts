import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { project, run } from '../run/run.fixture.ts'

const main = join(import.meta.dirname, 'main.ts')

function history(folder: string, ...args: readonly string[]) {
  const { status, stdout } = spawnSync(process.execPath, [main, 'history', '--fail-if-stale', ...args], {
    ...{ cwd: folder, encoding: 'utf8' },
  })
  return { status, due: stdout.split('\n').filter((line) => line.startsWith('  features/')) }
}

describe('history --fail-if-stale', () => {
  it('names scenarios that no run has executed, also examples of an outline, and features that were added', () => {
    const folder = project('passes')
    const outline = `Feature: Shares
  Scenario Outline: Each share
    When the share "<share>" is looked at
    Then it is "h:/x"
    Examples:
      | share |
      | h:/x  |
      | h:/y  |
`
    writeFileSync(join(folder, 'features/outline.feature'), outline)
    const added = 'Feature: New\n  @later\n  Scenario: Never drilled\n    Given a lab\n'
    writeFileSync(join(folder, 'features/new.feature'), added)
    // The second example fails, and the first passes in a later run: their verdicts must not be mixed.
    assert.equal(run(folder, ['features/outline.feature:8']).code, 1)
    assert.equal(run(folder, ['features/outline.feature:7', 'features/passes.feature']).code, 0)
    const second = '  features/outline.feature:8  Each share: the last outcome is failed; it never passed'
    const never = '  features/new.feature:3  Never drilled: it never ran'
    assert.deepEqual(history(folder), { status: 1, due: [second, never] })
    assert.deepEqual(history(folder, '--tags', 'not @later', '--html', 'history.html').due, [second])
    const page = readFileSync(join(folder, 'history.html'), 'utf8')
    const links = [...page.matchAll(/href="(reports\/[^"]+)"/g)].map(([, path = '']) => join(folder, path))
    assert.ok(links.length > 1 && links.every((path) => existsSync(path)), links.join())
  })

  it('names a step and a file that it imports which have changed since the run', () => {
    const folder = project('passes')
    const steps = join(folder, 'steps/steps.ts')
    writeFileSync(join(folder, 'late.ts'), 'export const late = 1\n')
    writeFileSync(steps, `import '../late.ts'\n${readFileSync(steps, 'utf8')}`)
    assert.equal(run(folder).code, 0)
    assert.deepEqual(history(folder), { status: 0, due: [] })
    writeFileSync(join(folder, 'late.ts'), 'export const late = 2\n')
    const { status, due } = history(folder)
    assert.deepEqual([status, due.length > 0 && due.every((line) => line.endsWith(': late.ts has changed'))], [1, true])
    writeFileSync(steps, `${readFileSync(steps, 'utf8')}\n`)
    assert.match(history(folder).due[0] ?? '', /: late\.ts has changed; steps\/steps\.ts has changed$/)
  })
})
