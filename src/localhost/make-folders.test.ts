import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { makeFolders } from './make-folders.ts'

const scratch = mkdtempSync(join(tmpdir(), 'dr-drill-folders-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

describe('folders', () => {
  it('are made, the missing ones above too, and may be there', () => {
    makeFolders(join(scratch, 'a/b/c'))
    makeFolders(join(scratch, 'a/b/c'))
    makeFolders('/')
    assert.ok(existsSync(join(scratch, 'a/b/c')))
  })

  it('cannot be made below a file, through a link that leads nowhere, or where the kernel makes none', () => {
    writeFileSync(join(scratch, 'file'), '')
    symlinkSync('nowhere', join(scratch, 'link'))
    assert.throws(() => makeFolders(join(scratch, 'file')), { code: 'EEXIST' })
    assert.throws(() => makeFolders(join(scratch, 'file/a/b')), { code: 'ENOTDIR' })
    assert.throws(() => makeFolders(join(scratch, 'link/a')), { code: 'EEXIST' })
    assert.throws(() => makeFolders('/proc/reports/a'), { code: 'ENOENT' })
  })
})
