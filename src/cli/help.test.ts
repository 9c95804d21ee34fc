import assert from 'node:assert/strict'
import { it } from 'node:test'
import { helpOfCommands } from './help.fixture.ts'

for (const { name, help } of await helpOfCommands()) {
  it(`has examples and exit codes: ${name} --help`, () => {
    assert.match(help, /^Examples:\n {2}\$ /m)
    assert.match(help, /^Exit codes: 0|^Exit codes: those/m)
  })

  it(`fits 80 columns: ${name} --help`, () => {
    assert.deepEqual(
      help.split('\n').filter((line) => line.length > 80),
      [],
    )
  })
}
