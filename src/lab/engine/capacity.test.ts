import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { it } from 'node:test'
import { MachineError } from '../../errors.ts'
import { readCapacity, requireCapacity } from './capacity.ts'
import type { EngineHost, EngineName } from './engine.ts'

const disk = { folder: '/var/tmp', remedy: 'free some' }
const enough = { availableMemoryMib: 1_000, availableDiskMib: 2_048, disk }

/** An engine with that name and host. */
const engine = (name: EngineName, host: EngineHost = { isHere: true }) => ({ name, host: async () => host })

function refusalOf(memoryMib: readonly number[], capacity: Partial<typeof enough>): MachineError {
  try {
    requireCapacity(memoryMib, { ...enough, ...capacity })
  } catch (error) {
    assert.ok(error instanceof MachineError)
    return error
  }
  return assert.fail('it was accepted')
}

it('readCapacity reads the free memory and disk space of this machine', async () => {
  const { availableMemoryMib, availableDiskMib } = await readCapacity(engine('embedded'))
  assert.ok(availableMemoryMib > 0 && availableMemoryMib <= totalmem() / 2 ** 20)
  assert.ok(Number.isInteger(availableDiskMib) && availableDiskMib >= 0)
})

it('readCapacity applies control groups to embedded guests, and the memory of the host to all', async () => {
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
    assert.equal((await readCapacity(engine('embedded'), root)).availableMemoryMib, 1_500)
    assert.equal((await readCapacity(engine('container'), root)).availableMemoryMib, 8_000)
    // A virtual machine on this host has a limit of its own. The memory of another host is all that counts.
    const memoryBytes = 2_048 * 2 ** 20
    const inVirtualMachine = engine('container', { isHere: true, memoryBytes })
    assert.equal((await readCapacity(inVirtualMachine, root)).availableMemoryMib, 2_048)
    const elsewhere = engine('container', { isHere: false, memoryBytes: 64 * 2 ** 30 })
    assert.equal((await readCapacity(elsewhere, root)).availableMemoryMib, 64 * 1_024)
  } finally {
    rmSync(root, { recursive: true })
  }
})

it('readCapacity returns the folder with the least space', async () => {
  // The proc file system has no space.
  const its = { folder: '/proc', remedy: 'move the data of the engine' }
  const { availableDiskMib, disk } = await readCapacity(engine('container', { isHere: true, disk: its }))
  assert.deepEqual([availableDiskMib, disk.folder, disk.remedy], [0, its.folder, its.remedy])
  assert.equal((await readCapacity(engine('container'))).disk.folder, tmpdir())
})

it('requireCapacity adds the overhead of guests, and accepts exactly that much memory', () => {
  const guests = [320, 320]
  requireCapacity(guests, { ...enough, availableMemoryMib: 976 })
  const { code, message, remedy } = refusalOf(guests, { availableMemoryMib: 975 })
  assert.equal(code, 'too-little-memory')
  assert.equal(message, '2 more machines need 976 MiB of memory, but only 975 MiB are available')
  assert.match(remedy ?? '', /memoryMib/)
})

it('requireCapacity reports the needed and the free disk space', () => {
  requireCapacity([], enough)
  const { code, message, remedy } = refusalOf([], { availableDiskMib: 2_047 })
  assert.equal(code, 'too-little-disk')
  assert.equal(message, 'a lab needs 2048 MiB of disk space, but only 2047 MiB are free in /var/tmp')
  assert.equal(remedy, 'free some')
})

it('requireCapacity refuses more memory than this machine has', async () => {
  const capacity = await readCapacity(engine('container'))
  assert.throws(() => requireCapacity([2 ** 40], capacity), { code: 'too-little-memory' })
})
