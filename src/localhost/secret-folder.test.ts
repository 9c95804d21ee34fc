import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { InputError } from '../errors.ts'
import { secretFilesIn } from './secret-folder.ts'

const folder = mkdtempSync(join(tmpdir(), 'secret-folder-'))
after(() => rmSync(folder, { recursive: true }))

describe('secret files', () => {
  it('are the files of a folder by their names, without its subfolders and hidden files', () => {
    const secrets = join(folder, 'secrets')
    mkdirSync(join(secrets, 'a folder'), { recursive: true })
    writeFileSync(join(secrets, '.gitkeep'), '')
    writeFileSync(join(secrets, 'id'), 'payload')
    assert.deepEqual([...secretFilesIn(secrets)], [['id', join(secrets, 'id')]])
  })

  it('that cannot be a secret are wrong input, with the path and a remedy', () => {
    const secrets = join(folder, 'unusable')
    mkdirSync(secrets)
    const refused = (name: string, problem: RegExp) => {
      const remedy = 'Replace it with the payload of the secret, or remove it.'
      assert.throws(
        () => secretFilesIn(secrets),
        (error: InputError) => {
          assert.deepEqual([error.code, error.remedy], ['bad-input', remedy])
          assert.ok(error.message.startsWith(`--secrets: ${join(secrets, name)} `), error.message)
          assert.match(error.message, problem)
          return true
        },
      )
      rmSync(join(secrets, name))
    }
    writeFileSync(join(secrets, 'empty'), '')
    refused('empty', /is empty$/)
    symlinkSync('nowhere', join(secrets, 'dangling'))
    refused('dangling', /cannot be read: ENOENT/)
    symlinkSync('/dev/null', join(secrets, 'device'))
    refused('device', /is not a regular file$/)
    symlinkSync(folder, join(secrets, 'linked-folder'))
    refused('linked-folder', /is not a regular file$/)
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
