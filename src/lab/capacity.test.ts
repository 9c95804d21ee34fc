import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { it } from 'node:test'
import { MachineError } from '../errors.ts'
import { readCapacity, requireCapacity } from './capacity.ts'

const enough = { availableMemoryMib: 1_000, availableDiskMib: 2_048 }

function refusalOf(memoryMib: readonly number[], capacity: Partial<typeof enough>): MachineError {
  try {
    requireCapacity(memoryMib, { ...enough, ...capacity })
  } catch (error) {
    assert.ok(error instanceof MachineError)
    return error
  }
  return assert.fail('it was accepted')
}

it('reads what this machine has to spare', async () => {
  const { availableMemoryMib, availableDiskMib } = await readCapacity('embedded')
  assert.ok(availableMemoryMib > 0 && availableMemoryMib <= totalmem() / 2 ** 20)
  assert.ok(Number.isInteger(availableDiskMib) && availableDiskMib >= 0)
})

it('knows that guests which are processes of ours have no more memory than we may have', async () => {
  const root = mkdtempSync(join(tmpdir(), 'dr-drill-capacity-'))
  const files = {
    'proc/meminfo': 'MemTotal: 9999999 kB\nMemAvailable:    8192000 kB\n',
    'proc/self/cgroup': '0::/\n',
    'sys/fs/cgroup/memory.max': `${2_000 * 2 ** 20}\n`,
    'sys/fs/cgroup/memory.current': `${500 * 2 ** 20}\n`,
  }
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), content)
    }
    assert.equal((await readCapacity('embedded', root)).availableMemoryMib, 1_500)
    assert.equal((await readCapacity('container', root)).availableMemoryMib, 8_000)
  } finally {
    rmSync(root, { recursive: true })
  }
})

it('counts what guests cost beside their memory, to the last mebibyte', () => {
  const guests = [320, 320]
  requireCapacity(guests, { ...enough, availableMemoryMib: 976 })
  const { code, message, remedy } = refusalOf(guests, { availableMemoryMib: 975 })
  assert.equal(code, 'too-little-memory')
  assert.equal(message, '2 more machines need 976 MiB of memory, and 975 MiB are available')
  assert.match(remedy ?? '', /memoryMib/)
})

it('names the disk space that is lacking', () => {
  requireCapacity([], enough)
  const { code, message } = refusalOf([], { availableDiskMib: 2_047 })
  assert.equal(code, 'too-little-disk')
  assert.equal(message, 'a lab needs 2048 MiB of disk, and 2047 MiB are free')
})

it('refuses by what this machine really has', async () => {
  const capacity = await readCapacity('container')
  assert.throws(() => requireCapacity([2 ** 40], capacity), { code: 'too-little-memory' })
})
