import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { LocalShell } from './local.ts'
import { python, pythonLine } from './python.ts'

const folder = mkdtempSync(join(tmpdir(), 'dr-drill-python-'))
after(() => rmSync(folder, { recursive: true, force: true }))

it('python imports no module from the current folder, which may be a share with modules of strangers', async () => {
  writeFileSync(join(folder, 'subprocess.py'), 'print("a stranger")\n')
  const shell = new LocalShell()
  const program = 'import subprocess; print("itself")'
  const [read, told] = [
    await shell.run(python, { cwd: folder, stdin: program }),
    await shell.run([...pythonLine, program], { cwd: folder }),
  ]
  assert.deepEqual([read.stdout, told.stdout], ['itself\n', 'itself\n'])
})
