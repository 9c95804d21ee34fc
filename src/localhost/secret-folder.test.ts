import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { secretFilesIn } from './secret-folder.ts'

const folder = mkdtempSync(join(tmpdir(), 'secret-folder-'))
after(() => rmSync(folder, { recursive: true }))

describe('secret files', () => {
  it('are the files of a folder by their names, without its subfolders', () => {
    const secrets = join(folder, 'secrets')
    mkdirSync(join(secrets, 'a folder'), { recursive: true })
    writeFileSync(join(secrets, 'id'), 'payload')
    assert.deepEqual([...secretFilesIn(secrets)], [['id', join(secrets, 'id')]])
  })

  it('of a path that is not a folder are wrong input, with the path and a remedy', () => {
    writeFileSync(join(folder, 'file'), '')
    const remedy = 'Pass a folder with one file for each secret, named by its id.'
    for (const [name, problem] of [
      ['file', 'is not a folder'],
      ['none', 'does not exist'],
    ] as const) {
      const path = join(folder, name)
      assert.throws(() => secretFilesIn(path), { code: 'bad-input', message: `--secrets: ${path} ${problem}`, remedy })
    }
  })
})
