import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { InputError } from '../errors.ts'
import { createReportFolder } from './reports-folder.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reports-'))
after(() => rmSync(scratch, { recursive: true }))

describe("a run's report folder", () => {
  it('is created with all missing parents', () => {
    const folder = createReportFolder(join(scratch, 'a/b'), 'run-1')
    assert.equal(folder, join(scratch, 'a/b/run-1'))
    assert.equal(existsSync(folder), true)
    assert.equal(createReportFolder(join(scratch, 'a/b'), 'run-2'), join(scratch, 'a/b/run-2'))
  })

  it('is refused as wrong input where no folder can be created', () => {
    assert.throws(() => createReportFolder('/proc/reports', 'run-1'), InputError)
    assert.throws(() => createReportFolder('/dev/null/reports', 'run-1'), InputError)
  })
})
