import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { LocalShell } from './local.ts'
import { guard, HostProgramError, programSucceeded, python, pythonLine } from './python.ts'
import { CommandError } from './shell.ts'

const folder = mkdtempSync(join(tmpdir(), 'dr-drill-python-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const shell = new LocalShell()

it('python imports no module from the current folder, which may be a share with modules of strangers', async () => {
  writeFileSync(join(folder, 'subprocess.py'), 'print("a stranger")\n')
  const program = 'import subprocess; print("itself")'
  const [read, told] = [
    await shell.run(python, { cwd: folder, stdin: program }),
    await shell.run([...pythonLine, program], { cwd: folder }),
  ]
  assert.deepEqual([read.stdout, told.stdout], ['itself\n', 'itself\n'])
})

it('python names files in UTF-8 in a locale with another encoding', async (context) => {
  const locale = 'de_DE.ISO-8859-1'
  const made = await shell.try(['localedef', '-f', 'ISO-8859-1', '-i', 'de_DE', join(folder, locale)]).catch(() => {})
  if (made?.exitCode !== 0) return context.skip('needs localedef and its sources')
  const name = join(folder, 'é-日')
  writeFileSync(name, '')
  const stdin = `import os; print(os.path.exists(${JSON.stringify(name)}), os.listdir(${JSON.stringify(folder)}))`
  const { stdout } = await shell.run(['env', `LOCPATH=${folder}`, `LC_ALL=${locale}`, ...python], { stdin })
  assert.match(stdout, /^True .*'é-日'/)
})

describe('a program with the guard', () => {
  /** Members of the kind: what Python would print a traceback for. */
  const unforeseen: Readonly<Record<string, [source: string, sentence: RegExp]>> = {
    'a NUL in a path': ['import os; os.stat("/a\\0b")', /^ValueError in line \d+ of <\w+>: embedded null byte$/],
    recursion: ['def f(): f()\nf()', /^RecursionError in line \d+ of <\w+>: maximum recursion depth exceeded/],
    'an error of the system': [
      'open("/none/x")',
      /^FileNotFoundError in line .*No such file or directory: '\/none\/x'$/,
    ],
    'a lone surrogate': ['"\\ud800".encode()', /^UnicodeEncodeError in line \d+ of <\w+>: .*surrogates not allowed$/],
    'no memory left': ['bytearray(1 << 62)', /^MemoryError in line \d+ of <\w+>$/],
    'an escape sequence in a message': ['raise KeyError("\\x1b[2J\\nnext")', /^KeyError in line \d+ of <\w+>: [ -~]+$/],
    'a message that cannot be written': [
      'class Odd(Exception):\n def __str__(self): raise ValueError\nraise Odd',
      /^Odd in line \d+ of <\w+>$/,
    ],
    'a syntax error': ['eval("(")', /^SyntaxError in line \d+ of <\w+>: /],
  }
  for (const [what, [source, sentence]] of Object.entries(unforeseen))
    it(`reports ${what} as one sentence, and no traceback`, async () => {
      const guarded = `${guard}print("before")\n${source}\n`
      for (const result of [await shell.try(python, { stdin: guarded }), await shell.try([...pythonLine, guarded])]) {
        assert.doesNotMatch(result.stderr, /Traceback|File "/)
        assert.equal(result.stdout, 'before\n')
        assert.equal(result.stderr.trim().split('\n').length, 1)
        assert.throws(
          () => programSucceeded(result),
          (error) => {
            assert.ok(error instanceof HostProgramError)
            assert.equal(error.blame, 'machine', 'what a program has not found out is unknown, not failed')
            const [, said = ''] = /^\w+: a program of dr-drill ended unexpectedly: (.*)$/s.exec(error.message) ?? []
            assert.match(said, sentence)
            return true
          },
        )
      }
    })

  it('returns a result, and an exit code of its own as what it is', async () => {
    assert.equal(programSucceeded(await shell.try(python, { stdin: `${guard}print(1)` })).stdout, '1\n')
    for (const code of [1, 70]) {
      const result = await shell.try(python, { stdin: `${guard}sys.exit(${code})` })
      assert.throws(() => programSucceeded(result), CommandError)
    }
  })
})
