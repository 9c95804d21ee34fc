import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { buildProgram } from '../src/cli/program.ts'

const root = join(import.meta.dirname, '..')
const examples = join(root, 'examples/monitoring')
const read = (name: string): string => readFileSync(join(examples, name), 'utf8')
const metricsIn = (text: string): ReadonlySet<string> => new Set(text.match(/\bdr_drill_[a-z_]+/g))
const hasPromtool = spawnSync('promtool', ['--version']).status === 0

describe('the examples for monitoring', () => {
  it('use only metrics that exist', () => {
    const sources = globSync('src/metrics/*-metrics.ts', { cwd: root }).map((file) =>
      readFileSync(join(root, file), 'utf8'),
    )
    const known = metricsIn(sources.join('\n'))
    for (const file of ['dr-drill.rules.yml', 'dr-drill.rules.test.yml', 'dashboard.json'])
      assert.deepEqual(metricsIn(read(file)).difference(known), new Set(), file)
  })

  it('use commands and options that exist', async () => {
    const program = await buildProgram()
    for (const file of globSync('systemd/*.service', { cwd: examples })) {
      const [, name, rest = ''] = /^ExecStart=\/usr\/bin\/env dr-drill (\w+) (.*)$/m.exec(read(file)) ?? []
      const command = program.commands.find((one) => one.name() === name)
      for (const [option] of rest.matchAll(/--[a-z-]+/g))
        assert.ok(
          command?.options.some(({ long }) => long === option),
          `${file}: ${name} ${option}`,
        )
    }
  })

  it('have timers that systemd accepts', (context) => {
    if (spawnSync('systemd-analyze', ['--version']).status !== 0)
      return context.skip('systemd-analyze is not installed')
    for (const file of globSync('systemd/*.timer', { cwd: examples })) {
      const [, calendar = ''] = /^OnCalendar=(.*)$/m.exec(read(file)) ?? []
      assert.equal(spawnSync('systemd-analyze', ['calendar', calendar]).status, 0, file)
    }
  })

  it('have alert rules that pass their own tests', { skip: hasPromtool ? false : 'promtool is not installed' }, () => {
    for (const args of [
      ['check', 'rules', 'dr-drill.rules.yml'],
      ['test', 'rules', 'dr-drill.rules.test.yml'],
    ]) {
      const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: examples, encoding: 'utf8' })
      assert.equal(status, 0, stdout + stderr)
    }
  })
})
