import assert from 'node:assert/strict'
import { it } from 'node:test'
import { InputError, MachineError } from '../errors.ts'
import { parseMoment, proofOf } from './interruption.ts'

it('parses a moment of a recovery', () => {
  const text = 'loses its power while fstab is written'
  assert.deepEqual(parseMoment(text), { text, how: 'loses its power', when: 'while', action: 'persist' })
  const other = 'is rebooted after the directory is made'
  assert.deepEqual(parseMoment(other), { text: other, how: 'is rebooted', when: 'after', action: 'make-directory' })
})

for (const text of [
  '',
  'is rebooted',
  'is rebooted after dinner',
  'is rebooted while fstab is written',
  'loses its power while the origin path is bound',
])
  it(`refuses ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => parseMoment(text),
      (error: unknown) => error instanceof InputError && error.remedy !== undefined,
    )
  })

const proof = { ended: 'was cut off', bootBefore: '1', boot: '2' }

it('proves that a node went down during its recovery', () => assert.deepEqual(proofOf('a/b', proof), proof))

for (const [what, facts] of [
  ['finished before', { ...proof, ended: undefined }],
  ['did not go down', { ...proof, boot: '1' }],
] as const)
  it(`is no proof that a node went down if it ${what}`, () => {
    assert.throws(
      () => proofOf('a/b', facts),
      (error: unknown) =>
        error instanceof MachineError && error.code === 'fault-without-effect' && error.message.includes(what),
    )
  })
