import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
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

const docs = join(import.meta.dirname, '../../../docs')
const typed = readdirSync(docs).flatMap((page) =>
  [...readFileSync(join(docs, page), 'utf8').matchAll(/^[$#] (?:\S.*; )?workloadmgr (.+?)(?: +#.*)?$/gm)].map(
    ([, line = '']) => ({ page, line }),
  ),
)

it('the guide has commands of the workload manager', () => {
  assert.ok(typed.length > 5)
})

for (const { page, line } of typed.filter((one) => !one.line.startsWith('--help'))) {
  it(`takes the command of docs/${page}: ${line}`, () => {
    const program = buildCommandLine()
    const ran: string[] = []
    for (const command of program.commands)
      command.configureOutput({ writeErr: () => {} }).action(() => void ran.push(command.name()))
    program.parse(line.split(/ +/), { from: 'user' })
    assert.deepEqual(ran, [line.split(' ')[0]])
  })
}
