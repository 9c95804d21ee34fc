import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { qemuName, tooOldFor } from './qemu-version.ts'

const counts = { 'compat=1.1': 9, LUKS: 3, zstd: 2, 'extended L2': 1 }

describe('qemuName and tooOldFor', () => {
  it('read the version of the installed qemu-img, and doubt no version that they cannot read', () => {
    const [line = ''] = execFileSync('qemu-img', ['--version'], { encoding: 'utf8' }).split('\n')
    assert.match(qemuName(line), /^\d+\.\d+\.\d+$/)
    assert.deepEqual(tooOldFor(line, counts), [])
    assert.deepEqual(tooOldFor('something else', counts), [])
  })
})
