import assert from 'node:assert/strict'
import { it } from 'node:test'
import { secretNotes } from './secret-notes.ts'

const images = [
  { isEncrypted: true, secretId: 'b' },
  { isEncrypted: true, secretId: 'a' },
  { isEncrypted: true, secretId: 'a' },
  { isEncrypted: true },
  { secretId: 'of a workload that is not encrypted' },
]
const secretsOf = (...ids: readonly string[]) => new Map(ids.map((id) => [id, Buffer.from('x')]))

it('lists secrets that are missing, images without a recorded secret, and files without a use', () => {
  const unnamed = 'No record states the secret of 1 encrypted image, which cannot be read.'
  assert.deepEqual(secretNotes(images, undefined), [
    'The secret a is missing from --secrets: 2 images that need it cannot be read.',
    'The secret b is missing from --secrets: 1 image that needs it cannot be read.',
    unnamed,
  ])
  assert.deepEqual(secretNotes(images, secretsOf('a', 'b', 'notes.txt')), [
    unnamed,
    'No image needs these files of --secrets: notes.txt.',
  ])
  assert.deepEqual(secretNotes(images.slice(0, 3), secretsOf('a', 'b')), [])
  assert.deepEqual(secretNotes([{}], undefined), [])
})
