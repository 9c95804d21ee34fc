import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseBytes } from './parse-bytes.ts'

it('a number of bytes is read with its unit, and anything else is refused', () => {
  const cases: Readonly<Record<string, number>> = {
    '4096': 4096,
    '200M': 200e6,
    '200MB': 200e6,
    '1.5GiB': 1.5 * 2 ** 30,
    '2 Gi': 2 * 2 ** 30,
    '1kB': 1000,
    '64KiB': 65536,
  }
  for (const [text, bytes] of Object.entries(cases)) assert.equal(parseBytes(text), bytes, text)
  for (const text of ['', '0', '0.0001k', 'M', '-1', '1m', '1e9', '1.5.5', '10 apples', '9999999999999999'])
    assert.equal(parseBytes(text), undefined, text)
})
