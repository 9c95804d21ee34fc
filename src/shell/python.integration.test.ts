import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { LocalShell } from './local.ts'
import { python, pythonLine } from './python.ts'

const folder = mkdtempSync(join(tmpdir(), 'dr-drill-python-'))
after(() => rmSync(folder, { recursive: true, force: true }))

it('takes no module from the folder that it runs in: on a share anybody may have put one there', async () => {
  writeFileSync(join(folder, 'subprocess.py'), 'print("a stranger")\n')
  const shell = new LocalShell()
  const program = 'import subprocess; print("itself")'
  const [read, told] = [
    await shell.run(python, { cwd: folder, stdin: program }),
    await shell.run([...pythonLine, program], { cwd: folder }),
  ]
  assert.deepEqual([read.stdout, told.stdout], ['itself\n', 'itself\n'])
})
