import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, describe, it } from 'node:test'
import type { Command } from 'commander'
import { debugVariable, describeError, exitCodeFor, UsageEnd } from './print-error.ts'
import { buildProgram } from './program.ts'
import { parse, withSubcommands } from './run-program.ts'

const main = join(import.meta.dirname, 'main.ts')
const folder = mkdtempSync(join(tmpdir(), 'dr-drill-errors-'))
after(() => rmSync(folder, { recursive: true }))
mkdirSync(join(folder, 'broken'))
writeFileSync(join(folder, 'broken/dr-drill.config.yaml'), 'engine: steam\n')

/** Arguments that each command refuses only after its command line was parsed, and what the error must name. */
const refused: Readonly<Record<string, readonly [args: string, names: string, cwd?: string]>> = {
  run: ['gone.feature', 'gone.feature'],
  report: ['no-such-run', 'no-such-run'],
  show: ['no-such-run', 'no-such-run'],
  judge: ['no-such-run', 'no-such-run'],
  merge: ['no-such-run', 'no-such-run'],
  history: ['--reports gone', 'gone'],
  'evidence create': ['no-such-run -o x.tar', 'no-such-run'],
  'evidence sign': ['gone.tar --key gone.key', 'gone.key'],
  'evidence verify': ['gone.tar', 'gone.tar'],
  init: ['/dev/null/project', '/dev/null/project'],
  setup: ['', 'dr-drill.config.yaml', 'broken'],
  doctor: ['', 'dr-drill.config.yaml', 'broken'],
  shell: ['no-such-node', 'no-such-node'],
  'lab up': ['gone.yaml', 'gone.yaml'],
  'lab down': ['no-such-lab', 'no-such-lab'],
  hosts: ['gone.yaml', 'gone.yaml'],
  'handover plan': ['. --cloud-file gone.json', 'gone.json'],
  'handover check': ['. --cloud-file gone.json --mapping gone.yaml', 'gone.json'],
  'exercise new': ['../ours', '../ours'],
  'exercise verify': ['--dir gone', 'gone'],
  'exercise hint': ['--dir gone', 'gone'],
  clean: ['--kept no-such-run', 'no-such-run'],
  'target create': ['/dev/null/target', '/dev/null/target'],
  assess: ['gone', 'gone'],
  verify: ['gone', 'gone'],
  worker: ['gone --queue nonsense', '--queue'],
  plan: ['--inventory gone.yaml', 'gone.yaml'],
  check: ['--inventory gone.yaml', 'gone.yaml'],
  recover: ['--inventory gone.yaml', 'gone.yaml'],
  'handover notify': ['--from-assessment gone --cloud-file c --from a@b --dry-run', 'gone'],
}

const nameOf = (command: Command): string =>
  command.parent?.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name()
const program = await buildProgram()
const commands = withSubcommands(program)
  .filter((command) => command.parent && command.commands.length === 0)
  .map(nameOf)
  // Called by ssh and by shells, not by people.
  .filter((command) => !['lab connect', 'complete'].includes(command))

/** The options without which Commander refuses a command line before it looks at the others. */
const requiredOf = (name: string): readonly string[] =>
  withSubcommands(program)
    .filter((command) => command.parent && nameOf(command) === name)
    .flatMap(({ options }) => options.filter(({ mandatory }) => mandatory).flatMap(({ long }) => [long ?? '', 'x']))

/** How a command line ends that Commander refuses. */
async function usageEnd(...args: string[]): Promise<{ exitCode: number; text: string }> {
  const error: unknown = await parse(await buildProgram(), args).catch((thrown: unknown) => thrown)
  assert.ok(error instanceof UsageEnd)
  return { exitCode: exitCodeFor(error), text: describeError(error) }
}

describe('a wrong command line', { concurrency: true }, () => {
  for (const command of commands)
    it(`is refused with a pointer to the help: ${command}`, async () => {
      const { exitCode, text } = await usageEnd(...command.split(' '), ...requiredOf(command), '--no-such-option')
      assert.equal(text, `dr-drill: unknown option '--no-such-option'\n  See ./drill ${command} --help.`)
      assert.equal(exitCode, 2)
    })

  const cases: readonly (readonly [args: string, message: string])[] = [
    ['rnu', "unknown command 'rnu' (did you mean run?)\n  See ./drill --help."],
    ['lab upp', "unknown command 'upp' (did you mean up?)\n  See ./drill lab --help."],
    ['run --tgas @fast', "unknown option '--tgas' (did you mean --tags?)\n  See ./drill run --help."],
    ['exercise', "missing required argument 'exercise'\n  See ./drill exercise --help."],
    ['hosts', "missing required argument 'inventory'\n  See ./drill hosts --help."],
  ]
  for (const [args, message] of cases)
    it(`is refused with what is wrong and the nearest name: ${args}`, async () => {
      assert.deepEqual(await usageEnd(...args.split(' ')), { exitCode: 2, text: `dr-drill: ${message}` })
    })
})

describe('an error after the command line was parsed', () => {
  // These have no wrong input beyond their command line.
  const withoutInput = ['lab list', 'exercise list', 'completion']
  // These print their errors in a process of their own.
  const withProcess = ['run', 'lab up']

  it('is tried for every command', () => {
    assert.deepEqual([...Object.keys(refused), ...withoutInput].sort(), [...commands].sort())
  })

  for (const [command, [args, named, cwd = '']] of Object.entries(refused))
    it(`is printed with its stack with --debug: ${command}`, async () => {
      const all = [...command.split(' '), '--debug', ...args.split(' ').filter((arg) => arg !== '')]
      const end = withProcess.includes(command) ? endOfProcess : endOfCommand
      const { exitCode, text } = await end(all, join(folder, cwd))
      assert.equal(exitCode, 2, text)
      const [first = '', ...rest] = text.split('\n')
      assert.match(first, /^dr-drill: /)
      assert.ok(first.includes(named), first)
      assert.match(rest.join('\n'), /^\w*Error: [^]*^ {4}at /m)
    })

  it('is printed without its stack and without colors to a file', async () => {
    const { text } = await endOfProcess(['hosts', 'gone.yaml'], folder)
    assert.match(text, /^dr-drill: [^\n]*gone\.yaml[^\n]*\n$/)
  })

  it('is colored with FORCE_COLOR, and not with --no-color before or after the command', async () => {
    const forced = { FORCE_COLOR: '1' }
    const colored = await endOfProcess(['hosts', 'gone.yaml'], folder, forced)
    assert.ok(colored.text.startsWith('\u001b[31mdr-drill:\u001b[39m '), colored.text)
    for (const args of [
      ['hosts', 'gone.yaml', '--no-color'],
      ['--no-color', 'hosts', 'gone.yaml'],
    ])
      assert.match((await endOfProcess(args, folder, forced)).text, /^dr-drill: /)
  })
})

interface End {
  readonly exitCode: number | null
  readonly text: string
}

async function endOfCommand(args: readonly string[], cwd: string): Promise<End> {
  process.chdir(cwd)
  const error: unknown = await parse(await buildProgram(), args).catch((thrown: unknown) => thrown)
  const isDebug = process.env[debugVariable] === '1'
  delete process.env[debugVariable]
  return { exitCode: exitCodeFor(error), text: describeError(error, { isDebug }) }
}

async function endOfProcess(args: readonly string[], cwd: string, variables: NodeJS.ProcessEnv = {}): Promise<End> {
  const { FORCE_COLOR: _forced, NO_COLOR: _none, ...env } = process.env
  const child = spawn(process.execPath, [main, ...args], {
    cwd,
    env: { ...env, ...variables },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve))
  return { text: await text(child.stderr), exitCode: await closed }
}
