import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ownDefect } from './own-defect.ts'

const file = { name: 'image', fileBytes: 196_616, uid: 0, gid: 0 }

it('an image with AES in its header is unknown, whatever its tables are', () => {
  const header = { virtualBytes: 1, encryption: 'aes' as const }
  assert.equal(ownDefect({ ...file, header })?.state, 'unknown')
  assert.equal(ownDefect({ ...file, header, tables: { verdict: 'minor' } })?.code, 'unsupported')
  assert.equal(ownDefect({ ...file, header: { ...header, encryption: 'luks' } }), undefined)
})

it('an image that QEMU has marked as corrupt is unknown, by its header alone', () => {
  const { state, code } = ownDefect({ ...file, header: { virtualBytes: 1, isMarkedCorrupt: true } }) ?? {}
  assert.deepEqual([state, code], ['unknown', 'table-errors'])
})
