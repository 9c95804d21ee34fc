import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { sampled } from '../sampled.fixture.ts'
import { buildProgram } from './program.ts'
import { withSubcommands } from './run-program.ts'

const hostile = 'a\x1b[2J\x1b[31m\x1b[2K\x1b[3A\x07\x9b31m\r\u202e\u00ad\u3164\u2800\u{e0041}b'
// biome-ignore lint/suspicious/noControlCharactersInRegex: it finds them
const dangerous = /[\0-\x08\x0b-\x1f\x7f-\x9f\u00ad\u202e\u2800\u3164]|[\u{e0000}-\u{e0fff}]/u

const folder = mkdtempSync(join(tmpdir(), 'hostile-arguments-'))
after(() => rmSync(folder, { recursive: true }))

const program = await buildProgram()

/** Each command with a hostile argument, and with a hostile value for each of its options. */
function commandLines(): readonly (readonly string[])[] {
  return withSubcommands(program).flatMap((command) => {
    const path: string[] = []
    for (let at = command; at.parent !== null; at = at.parent) path.unshift(at.name())
    const positional = command.registeredArguments.map(() => hostile)
    const withOptions = command.options
      .filter((option) => option.required || option.optional)
      .map((option) => [...path, ...positional, option.long ?? option.short ?? '', hostile])
    return [[...path, ...positional, hostile], ...withOptions]
  })
}

async function run(args: readonly string[]): Promise<string> {
  const { PATH, NODE_COMPILE_CACHE } = process.env
  const variables = ['HOME', 'XDG_STATE_HOME', 'XDG_CACHE_HOME', 'TMPDIR'].map((name) => [name, folder] as const)
  const env = { ...Object.fromEntries(variables), PATH, NODE_COMPILE_CACHE }
  const options = { cwd: folder, env, timeout: 120_000, encoding: 'utf8' } as const
  return new Promise((resolve) =>
    execFile(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], options, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    ),
  )
}

describe('the output of a command with hostile arguments', {
  timeout: 900_000,
  concurrency: availableParallelism(),
}, () => {
  for (const args of sampled(commandLines()))
    it(`is safe on a terminal: ${args.map((arg) => (arg === hostile ? 'HOSTILE' : arg)).join(' ')}`, async () => {
      const output = await run(args)
      assert.doesNotMatch(output, dangerous)
      assert.notEqual(output, '')
    })
})
