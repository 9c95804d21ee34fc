import assert from 'node:assert/strict'
import { it } from 'node:test'
import { InputError } from '../errors.ts'
import { parseShard, shardText } from './shard.ts'

it('a shard is read from its number and their count', () => {
  assert.deepEqual(parseShard('2/10'), { number: 2, count: 10 })
  assert.equal(shardText(parseShard('2/10')), '2/10')
  for (const text of ['', '0/2', '3/2', '1', '1/', '1/0', '-1/2', '1/2/3', ' 1/2', '1.5/2', '1/99999'])
    assert.throws(() => parseShard(text), InputError, text)
})
