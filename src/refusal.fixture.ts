import assert from 'node:assert/strict'
import { InputError } from './errors.ts'

/** Returns the message of the InputError that an act throws. Fails if it throws anything else, or nothing. */
export function refusalOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    assert.ok(error instanceof InputError, String(error))
    return error.message
  }
  return assert.fail('it was accepted')
}
