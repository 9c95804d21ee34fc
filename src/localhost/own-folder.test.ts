import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { MachineError } from '../errors.ts'
import { makeOwnFolder, temporaryFolder } from './own-folder.ts'

const scratch = mkdtempSync(join(tmpdir(), 'dr-drill-own-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

const isUnusable = (path: string, remedy: RegExp) => (error: unknown) => {
  assert.ok(error instanceof MachineError)
  assert.ok(error.message.startsWith(`cannot write to ${path}: `), error.message)
  assert.match(error.remedy ?? '', remedy)
  return true
}

describe('our own folders', () => {
  it('are created with the requested mode, parents included', () => {
    const path = join(scratch, 'state/dr-drill')
    makeOwnFolder(path, 'XDG_STATE_HOME', 0o700)
    for (const one of [path, join(scratch, 'state')]) assert.equal(statSync(one).mode & 0o777, 0o700)
  })

  it('that cannot be created are an error that names the variable to set', () => {
    for (const path of ['/etc/passwd/dr-drill', '/proc/nowhere/dr-drill'])
      assert.throws(
        () => makeOwnFolder(path, 'XDG_CACHE_HOME'),
        isUnusable(path, /^Set XDG_CACHE_HOME to a writable folder\.$/),
      )
  })

  it('for temporary files must exist and be writable', () => {
    const before = process.env['TMPDIR']
    writeFileSync(join(scratch, 'file'), '')
    try {
      for (const path of [join(scratch, 'nowhere'), join(scratch, 'file')]) {
        process.env['TMPDIR'] = path
        assert.throws(temporaryFolder, isUnusable(path, /^Set TMPDIR to a writable folder\.$/))
      }
      process.env['TMPDIR'] = scratch
      assert.equal(temporaryFolder(), scratch)
    } finally {
      if (before === undefined) delete process.env['TMPDIR']
      else process.env['TMPDIR'] = before
    }
  })
})
