import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { InputError } from '../errors.ts'
import { makeFolder } from './reports-folder.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reports-'))
after(() => rmSync(scratch, { recursive: true }))

it('makes the folder of a run, with every level above it', () => {
  const folder = makeFolder(join(scratch, 'a/b'), 'run-1')
  assert.equal(folder, join(scratch, 'a/b/run-1'))
  assert.equal(existsSync(folder), true)
  assert.equal(makeFolder(join(scratch, 'a/b'), 'run-2'), join(scratch, 'a/b/run-2'))
})

it('says at once where no folder can be made', () => {
  assert.throws(() => makeFolder('/proc/reports', 'run-1'), InputError)
  assert.throws(() => makeFolder('/dev/null/reports', 'run-1'), InputError)
})
