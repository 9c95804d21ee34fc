import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InputError } from '../errors.ts'
import { reasonKinds } from './reason.ts'
import { parseReason, reasonWordings } from './wording.ts'

describe('parseReason', () => {
  for (const kind of reasonKinds.filter((one) => one !== 'unknown' && one !== 'another target'))
    it(`parses the words for "${kind}"`, () => assert.deepEqual(parseReason(reasonWordings[kind]), { kind }))

  it('parses an origin path', () => {
    assert.deepEqual(parseReason('the origin path "/m/a is b" is missing'), {
      kind: 'origin path missing',
      path: '/m/a is b',
    })
  })

  it('parses the share of an origin path', () => {
    assert.deepEqual(parseReason('the origin path of "h:/p" is empty'), { kind: 'origin path empty', share: 'h:/p' })
  })

  it('names the nearest reason for an unknown one, and lists all', () => {
    assert.throws(
      () => parseReason('its parents is missing'),
      (error) =>
        error instanceof InputError &&
        error.message === 'unknown reason "its parents is missing" (did you mean "its parent is missing"?)' &&
        error.remedy?.startsWith('Known: the origin path is missing; ') === true,
    )
  })

  it('names no other reason for one that resembles none', () => {
    assert.throws(() => parseReason('pigs fly'), { message: 'unknown reason "pigs fly"' })
  })

  it('refuses an unknown reason, which no evidence can prove', () => {
    assert.throws(() => parseReason('its reason is unknown'), InputError)
  })

  it('refuses a path that is not part of the reason', () => {
    assert.throws(() => parseReason('its parent "/m" is missing'), InputError)
  })
})
