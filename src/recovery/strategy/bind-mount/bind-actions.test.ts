import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InputError } from '../../../errors.ts'
import { kindOf } from '../../action/kinds.ts'
import { script } from '../../action/script.ts'
import { bindActions } from './bind-actions.ts'

describe('bindActions', () => {
  it('make the directory, bind local to origin, and keep that only if asked to', () => {
    const plan = bindActions({ local: '/m/l', origin: '/m/o', persist: true })
    assert.deepEqual(plan, [
      { kind: 'make-directory', path: '/m/o' },
      { kind: 'bind', local: '/m/l', origin: '/m/o' },
      { kind: 'persist', local: '/m/l', origin: '/m/o' },
    ])
    assert.equal(bindActions({ local: '/m/l', origin: '/m/o', persist: false }).length, 2)
  })
  it('are none if both paths are the same', () => {
    assert.deepEqual(bindActions({ local: '/m/l', origin: '/m/l', persist: true }), [])
  })
  for (const origin of [
    'm/o',
    '/m/../o',
    '/m//o',
    '/m/./o',
    '/m/o\n',
    '/m/o\0',
    '/m/l/inside',
    `/${'x'.repeat(256)}`,
    '/a'.repeat(2048),
  ])
    it(`throw for ${JSON.stringify(origin.slice(0, 30))}`, () => {
      assert.throws(() => bindActions({ local: '/m/l', origin, persist: false }), InputError)
    })
  it('are a script with the commands of the documented procedure', () => {
    const text = script(bindActions({ local: "/m/l'1", origin: '/m/o', persist: true }))
    assert.match(text, /mkdir -p -- \/m\/o\n/)
    assert.match(text, /mount --bind -- '\/m\/l'/)
    assert.match(text, />>\/etc\/fstab/)
  })
})

describe('the inverse of an action', () => {
  it('removes only the directories that were made, the deepest first', () => {
    const action = { kind: 'make-directory', path: '/var/m/a/b' } as const
    assert.deepEqual(kindOf(action).inverse(action, { firstMissing: '/var/m/a' }), {
      kind: 'remove-directories',
      paths: ['/var/m/a/b', '/var/m/a'],
    })
    assert.deepEqual(kindOf(action).inverse(action, {}), { kind: 'nothing' })
  })
  it('leaves a line of fstab alone that existed before', () => {
    const action = { kind: 'persist', local: '/l', origin: '/o' } as const
    assert.equal(kindOf(action).inverse(action, { present: true }).kind, 'nothing')
    assert.equal(kindOf(action).inverse(action, { present: false }).kind, 'forget')
  })
})
