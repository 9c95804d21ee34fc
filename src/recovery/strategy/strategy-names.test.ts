import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { InputError } from '../../errors.ts'
import { defaultStrategy, strategies, strategyNamed } from './index.ts'

const checkout = join(import.meta.dirname, '../../..')

/** Lines of code that have a strategy's name as a string, except as a subcommand of qemu-img. */
function linesWithNames(source: string): readonly string[] {
  const names = strategies.map(({ name }) => name).join('|')
  const literal = new RegExp(`(?<!'qemu-img', )(['"\`])(${names})\\1`)
  return source.split('\n').filter((line) => literal.test(line))
}

describe('names of strategies', () => {
  it('are used in no source outside this folder, so that no code depends on a certain strategy', () => {
    const sources = globSync('{src,steps}/**/*.ts', { cwd: checkout, exclude: ['src/recovery/strategy/**'] })
    const others = sources.filter((file) => !/\.(test|fixture)\.ts$/.test(file))
    assert.ok(others.length > 300, `only ${others.length} sources were read`)
    const found = others.flatMap((file) =>
      linesWithNames(readFileSync(join(checkout, file), 'utf8')).map((line) => `${file}: ${line.trim()}`),
    )
    assert.deepEqual(found, [])
  })

  it('are found in any quotes', () => {
    const lines = ["if (strategy === 'rebase')", 'case "bind-mount":', 'f(`rebase`)']
    assert.deepEqual(linesWithNames([...lines, "['qemu-img', 'rebase', '-u']", '// a rebase'].join('\n')), lines)
  })

  it('are unique, and lead to their strategies', () => {
    assert.equal(new Set(strategies.map(({ name }) => name)).size, strategies.length)
    for (const strategy of strategies) assert.equal(strategyNamed(strategy.name), strategy)
    assert.equal(defaultStrategy, strategies[0])
    assert.throws(
      () => strategyNamed('overlay'),
      (error: Error) =>
        error instanceof InputError &&
        error.message === 'unknown recovery strategy "overlay"' &&
        error.remedy === `Use one of: ${strategies.map(({ name }) => name).join(', ')}.`,
    )
  })
})
