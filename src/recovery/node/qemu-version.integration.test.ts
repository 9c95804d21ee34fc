import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { qemuName, tooOldFor } from './qemu-version.ts'

const counts = { 'compat=1.1': 9, LUKS: 3, zstd: 2, 'extended L2': 1 }

describe('the version of a qemu-img', () => {
  it('is read from what the program of this machine says, and doubts nothing that it cannot read', () => {
    const [said = ''] = execFileSync('qemu-img', ['--version'], { encoding: 'utf8' }).split('\n')
    assert.match(qemuName(said), /^\d+\.\d+\.\d+$/)
    assert.deepEqual(tooOldFor(said, counts), [])
    assert.deepEqual(tooOldFor('something else', counts), [])
  })
})
