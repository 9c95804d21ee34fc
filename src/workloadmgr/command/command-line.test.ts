import assert from 'node:assert/strict'
import { it } from 'node:test'
import { helpOf } from '../../cli/help.fixture.ts'
import { buildCommandLine } from './command-line.ts'

for (const { name, help } of helpOf(buildCommandLine())) {
  it(`has an example: ${name} --help`, () => {
    const command = name.replace(/^workloadmgr ?/, '')
    assert.match(help, new RegExp(`^Examples?:\\n(.*\\n)* {2}\\$ .*workloadmgr.* ?${command}`, 'm'))
  })

  it(`fits 80 columns: ${name} --help`, () => {
    assert.deepEqual(
      help.split('\n').filter((line) => line.length > 80),
      [],
    )
  })
}
