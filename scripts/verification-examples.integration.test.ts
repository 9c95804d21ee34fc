import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { buildProgram } from '../src/cli/program.ts'

const examples = join(import.meta.dirname, '../examples/verification')
const read = (name: string): string => readFileSync(join(examples, name), 'utf8')

describe('the examples for a worker', () => {
  it('use commands, options and variables that exist', async () => {
    const worker = (await buildProgram()).commands.find((one) => one.name() === 'worker')
    const [, options = ''] =
      /^ExecStart=\/usr\/bin\/env dr-drill worker \$TARGETS (.*)$/m.exec(read('dr-drill-worker.service')) ?? []
    for (const [option] of options.matchAll(/--[a-z-]+/g))
      assert.ok(
        worker?.options.some(({ long }) => long === option),
        option,
      )
    assert.match(read('Containerfile'), /ENTRYPOINT \["dr-drill", "worker"\]/)
    const variable = worker?.options.find(({ long }) => long === '--queue')?.envVar ?? '?'
    for (const file of ['dr-drill-worker.service', 'Containerfile']) assert.ok(read(file).includes(variable), file)
  })

  it('are a unit that systemd accepts', (context) => {
    if (spawnSync('systemd-analyze', ['--version']).status !== 0)
      return context.skip('systemd-analyze is not installed')
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', join(examples, 'dr-drill-worker.service')], {
      encoding: 'utf8',
    })
    assert.equal(status, 0, stderr)
  })
})
