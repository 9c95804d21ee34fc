import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { describe, it } from 'node:test'
import { workerCount, workerCountHere } from './worker-count.ts'

const memory = (availableMemoryMib: number) => ({ availableMemoryMib })

describe('the number of workers', () => {
  it('is the requested number, at most one for each feature', () => {
    assert.deepEqual(workerCount(2, 5, memory(20_000)), { count: 2 })
    assert.deepEqual(workerCount(9, 5, memory(20_000)), { count: 5 })
  })

  it('with auto is one more than there are processors, as far as memory allows', () => {
    const processors = availableParallelism()
    assert.deepEqual(workerCount('auto', 999, memory(999_999)), { count: processors + 1 })
    assert.deepEqual(workerCount('auto', 1, memory(999_999)), { count: 1 })
    assert.deepEqual(workerCount('auto', 999, memory(100)), { count: 1 })
  })

  it('is limited by available memory, with a reason if a number was requested', () => {
    const { count, why = '' } = workerCount(4, 5, memory(3 * 2_048 - 1))
    assert.equal(count, 2)
    assert.match(why, /2 of 4 processes: 6143 MiB of memory are available, and each process may need 2048 MiB/)
    assert.equal(workerCount(4, 5, memory(100)).count, 1)
  })

  it('depends on the features of the scenarios that may run in parallel', async () => {
    assert.equal((await workerCountHere(8, ['a.feature:1', 'a.feature:7'], 'embedded')).count, 1)
    // All scenarios are isolated.
    assert.deepEqual(await workerCountHere(8, [], 'embedded'), { count: 1 })
  })
})
