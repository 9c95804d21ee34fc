import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { makeFolders } from './make-folders.ts'

const scratch = mkdtempSync(join(tmpdir(), 'dr-drill-folders-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

describe('makeFolders', () => {
  it('creates missing parents, and accepts a folder that exists', () => {
    makeFolders(join(scratch, 'a/b/c'))
    makeFolders(join(scratch, 'a/b/c'))
    makeFolders('/')
    assert.ok(existsSync(join(scratch, 'a/b/c')))
  })

  it('throws below a file, through a dangling link, and where the kernel creates no folders', () => {
    writeFileSync(join(scratch, 'file'), '')
    symlinkSync('nowhere', join(scratch, 'link'))
    assert.throws(() => makeFolders(join(scratch, 'file')), { code: 'EEXIST' })
    assert.throws(() => makeFolders(join(scratch, 'file/a/b')), { code: 'ENOTDIR' })
    assert.throws(() => makeFolders(join(scratch, 'link/a')), { code: 'EEXIST' })
    assert.throws(() => makeFolders('/proc/reports/a'), { code: 'ENOENT' })
  })
})
