import assert from 'node:assert/strict'
import { it } from 'node:test'
import { bytes } from './bytes.ts'
import { age, duration } from './duration.ts'

it('bytes are printed in the largest unit that gives at least 1', () => {
  assert.deepEqual([0, 1023, 1024, 10_905_190, 2 ** 50].map(bytes), ['0 B', '1023 B', '1.0 KiB', '10.4 MiB', '1.0 PiB'])
})

it('an age is printed in minutes, hours from one hour on, and days from two days on', () => {
  const minute = 60_000
  const ages = [-minute, 59, minute, 25 * minute, 61 * minute, 47 * 60 * minute, 72 * 60 * minute, 76 * 60 * minute]
  assert.deepEqual(ages.map(age), ['0 min', '0 min', '1 min', '25 min', '1 h', '47 h', '3 d', '3 d 4 h'])
})

it('a duration is printed in tenths of a second below one minute', () => {
  assert.deepEqual([0, 449, 59_949, 59_950, 185_000].map(duration), [
    '0.0 s',
    '0.4 s',
    '59.9 s',
    '1 min 00 s',
    '3 min 05 s',
  ])
})
