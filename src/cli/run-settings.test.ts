import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { InputError } from '../errors.ts'
import { openProject } from '../project/project.ts'
import { type RunFlags, settingsOf } from './run-settings.ts'

const folder = mkdtempSync(join(tmpdir(), 'run-settings-'))
after(() => rmSync(folder, { recursive: true }))

function parallelOf(config: string, flags: RunFlags): number | 'auto' {
  writeFileSync(join(folder, 'dr-drill.config.yaml'), config)
  return settingsOf(openProject(folder), flags).parallel
}

describe('the number of processes', () => {
  it('is auto by default, then as configured, then as given on the command line', () => {
    assert.equal(parallelOf('', {}), 'auto')
    assert.equal(parallelOf('parallel: 3', {}), 3)
    assert.equal(parallelOf('parallel: 3', { parallel: 2 }), 2)
    assert.equal(parallelOf('parallel: 3', { parallel: 'auto' }), 'auto')
  })

  it('is one with --keep-lab, which refuses any other number on the command line', () => {
    assert.equal(parallelOf('', { keepLab: true }), 1)
    assert.equal(parallelOf('parallel: 3', { keepLab: true }), 1)
    assert.equal(parallelOf('', { keepLab: true, parallel: 1 }), 1)
    for (const parallel of [2, 'auto'] as const)
      assert.throws(() => parallelOf('', { keepLab: true, parallel }), InputError)
  })
})
