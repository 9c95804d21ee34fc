import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SetAside } from './set-aside.ts'

describe('workloads that are set aside', () => {
  const wanted = (...ids: string[]) => new Set(ids)

  it('are read again many at a time, each with those that it needs', () => {
    const aside = new SetAside()
    for (let nth = 0; nth < 40; nth++) assert.ok(aside.add(`${nth}`, wanted('full')))
    const [first, second, third] = [aside.take(), aside.take(), aside.take()]
    assert.deepEqual([first.length, second.length, third.length], [31, 9, 0])
    assert.deepEqual([...(first[0]?.together ?? [])], ['0', 'full'])
  })

  it('are set aside again for further workloads, never for the same, and not without end', () => {
    const aside = new SetAside()
    aside.add('a', wanted('b'))
    const [group] = aside.take()
    assert.ok(group)
    assert.equal(aside.extend(group, wanted('b')), false)
    assert.equal(aside.extend(group, wanted('c')), true)
    assert.deepEqual([...(aside.take()[0]?.together ?? [])], ['a', 'b', 'c'])
    assert.equal(aside.extend(group, wanted(...Array.from({ length: 30 }, (_, nth) => `more ${nth}`))), false)
  })

  it('are limited in number', () => {
    const aside = new SetAside()
    const taken = Array.from({ length: 1001 }, (_, nth) => aside.add(`${nth}`, wanted('full')))
    assert.equal(taken.filter(Boolean).length, 1000)
  })
})
