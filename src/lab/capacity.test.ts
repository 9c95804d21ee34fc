import assert from 'node:assert/strict'
import { totalmem } from 'node:os'
import { it } from 'node:test'
import { MachineError } from '../errors.ts'
import { readCapacity, requireCapacity } from './capacity.ts'

const enough = { availableMemoryMib: 1_000, availableDiskMib: 2_048 }

async function refusalOf(memoryMib: readonly number[], capacity: Partial<typeof enough>): Promise<MachineError> {
  try {
    await requireCapacity(memoryMib, { ...enough, ...capacity })
  } catch (error) {
    assert.ok(error instanceof MachineError)
    return error
  }
  return assert.fail('it was accepted')
}

it('reads what this machine has to spare', async () => {
  const { availableMemoryMib, availableDiskMib } = await readCapacity()
  assert.ok(availableMemoryMib > 0 && availableMemoryMib <= totalmem() / 2 ** 20)
  assert.ok(Number.isInteger(availableDiskMib) && availableDiskMib >= 0)
})

it('counts what guests cost beside their memory, to the last mebibyte', async () => {
  const guests = [320, 320]
  await requireCapacity(guests, { ...enough, availableMemoryMib: 976 })
  const { code, message, remedy } = await refusalOf(guests, { availableMemoryMib: 975 })
  assert.equal(code, 'too-little-memory')
  assert.equal(message, '2 more machines need 976 MiB of memory, and 975 MiB are available')
  assert.match(remedy ?? '', /memoryMib/)
})

it('names the disk space that is lacking', async () => {
  await requireCapacity([], enough)
  const { code, message } = await refusalOf([], { availableDiskMib: 2_047 })
  assert.equal(code, 'too-little-disk')
  assert.equal(message, 'a lab needs 2048 MiB of disk, and 2047 MiB are free')
})

it('refuses by what this machine really has', async () => {
  await assert.rejects(requireCapacity([2 ** 40]), { code: 'too-little-memory' })
})
