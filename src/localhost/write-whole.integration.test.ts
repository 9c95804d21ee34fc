import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { writeWhole } from './write-whole.ts'

const folder = mkdtempSync(join(tmpdir(), 'dr-drill-write-whole-'))
after(() => rmSync(folder, { recursive: true }))

describe('writeWhole', () => {
  it('replaces a file, and leaves nothing beside it', () => {
    const path = join(folder, 'a')
    writeWhole(path, 'old')
    writeWhole(path, Buffer.from('new'))
    assert.equal(readFileSync(path, 'utf8'), 'new')
    assert.deepEqual(readdirSync(folder), ['a'])
  })

  it('leaves nothing where it fails', () => {
    const path = join(folder, 'b')
    mkdirSync(join(path, 'full'), { recursive: true })
    assert.throws(() => writeWhole(path, 'x'), { code: 'EISDIR' })
    assert.deepEqual(readdirSync(folder), ['a', 'b'])
  })
})
