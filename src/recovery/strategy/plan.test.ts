import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InputError } from '../../errors.ts'
import { inverse } from '../action/actions.ts'
import { script } from '../action/script.ts'
import { planBindMount } from './plan.ts'

describe('planning a bind mount', () => {
  it('makes the directory, binds local to origin, and keeps it when asked', () => {
    const plan = planBindMount({ local: '/m/l', origin: '/m/o', persist: true })
    assert.deepEqual(plan, [
      { kind: 'make-directory', path: '/m/o' },
      { kind: 'bind', local: '/m/l', origin: '/m/o' },
      { kind: 'persist', local: '/m/l', origin: '/m/o' },
    ])
    assert.equal(planBindMount({ local: '/m/l', origin: '/m/o', persist: false }).length, 2)
  })
  it('has nothing to do where both are one', () => {
    assert.deepEqual(planBindMount({ local: '/m/l', origin: '/m/l', persist: true }), [])
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
    it(`refuses ${JSON.stringify(origin.slice(0, 30))}`, () => {
      assert.throws(() => planBindMount({ local: '/m/l', origin, persist: false }), InputError)
    })
  it('is a script with the commands of the page', () => {
    const text = script(planBindMount({ local: "/m/l'1", origin: '/m/o', persist: true }))
    assert.match(text, /mkdir -p -- \/m\/o\n/)
    assert.match(text, /mount --bind -- '\/m\/l'/)
    assert.match(text, />>\/etc\/fstab/)
  })
})

describe('taking back', () => {
  it('removes only the directories that were made, the deepest first', () => {
    const action = { kind: 'make-directory', path: '/var/m/a/b' } as const
    assert.deepEqual(inverse(action, { firstMissing: '/var/m/a' }), {
      kind: 'remove-directories',
      paths: ['/var/m/a/b', '/var/m/a'],
    })
    assert.deepEqual(inverse(action, {}), { kind: 'nothing' })
  })
  it('leaves a line alone that was there before', () => {
    const action = { kind: 'persist', local: '/l', origin: '/o' } as const
    assert.equal(inverse(action, { present: true }).kind, 'nothing')
    assert.equal(inverse(action, { present: false }).kind, 'forget')
  })
})
