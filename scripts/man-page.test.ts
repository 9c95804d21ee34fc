import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Command } from 'commander'
import { helpOfCommands } from '../src/cli/help.fixture.ts'
import { buildProgram } from '../src/cli/program.ts'
import { manPage } from './man-page.ts'

const version = { version: '1.2.3', date: new Date('2026-11-29T12:00:00Z') }

/** What a reader sees, without formatting. */
const plain = (page: string): string => page.replaceAll('\\e', '\\').replaceAll('\\-', '-').replaceAll('\\(dq', '"')

it('a manual page describes every command and every option of --help', async () => {
  const page = plain(manPage(await buildProgram(), version))
  for (const { name, help } of await helpOfCommands()) {
    assert.ok(page.includes(`\n.SS ${name} `) || name === 'dr-drill', name)
    const options = [...help.matchAll(/^ {2}(-.*?)(?: {2}|$)/gm)].flatMap(([, option = '']) => option)
    assert.ok(options.length > 0, name)
    for (const option of options.filter((one) => one !== '-h, --help'))
      assert.ok(page.includes(`\n.B ${option}\n`), option)
    for (const [, example = ''] of help.matchAll(/^ {2}(\$ .*)$/gm)) assert.ok(page.includes(`\n${example}\n`), example)
  }
  assert.match(page, /^\.TH DR-DRILL 1 2026-11-29 "dr-drill 1\.2\.3"\n/)
})

it('a manual page prints backslashes, quotes and leading dots as they are', () => {
  const program = new Command('tool').description('A "tool" for C:\\')
  program.command('do').description('.profile is read').option('-x', "'quoted'")
  const lines = manPage(program, version).split('\n')
  for (const line of ['tool \\- a \\(dqtool\\(dq for C:\\e', '\\&.profile is read.', "\\&'quoted'"])
    assert.ok(lines.includes(line), line)
})
