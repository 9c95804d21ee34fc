import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { it } from 'node:test'
import { crewSize, crewSizeHere } from './crew-size.ts'

const memory = (availableMemoryMib: number) => ({ availableMemoryMib })

it('is what was wanted, but no more than there are features', () => {
  assert.deepEqual(crewSize(2, 5, memory(20_000)), { size: 2 })
  assert.deepEqual(crewSize(9, 5, memory(20_000)), { size: 5 })
})

it('is one more than there are processors, if that is to be found out here, as far as there is memory', () => {
  const processors = availableParallelism()
  assert.deepEqual(crewSize('auto', 999, memory(999_999)), { size: processors + 1 })
  assert.deepEqual(crewSize('auto', 1, memory(999_999)), { size: 1 })
  assert.deepEqual(crewSize('auto', 999, memory(100)), { size: 1 })
})

it('is limited by the memory that is available, and says so', () => {
  const { size, why = '' } = crewSize(4, 5, memory(3 * 2_048 - 1))
  assert.equal(size, 2)
  assert.match(why, /2 of 4 processes: 6143 MiB of memory are available, and each may need 2048 MiB/)
  assert.equal(crewSize(4, 5, memory(100)).size, 1)
})

it('counts features by the places of their scenarios', async () => {
  assert.equal((await crewSizeHere(8, ['a.feature:1', 'a.feature:7'], 'embedded')).size, 1)
  // All that there is, is isolated.
  assert.deepEqual(await crewSizeHere(8, [], 'embedded'), { size: 1 })
})
