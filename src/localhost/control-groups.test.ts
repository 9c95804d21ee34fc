import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { memoryLeftByControlGroups } from './control-groups.ts'

const scratch = mkdtempSync(join(tmpdir(), 'dr-drill-groups-'))
after(() => rmSync(scratch, { recursive: true }))

let count = 0
/** Returns the memory that is left to a process, according to files as the kernel writes them. */
function left(files: Readonly<Record<string, string>>): Promise<number> {
  const root = join(scratch, String(++count))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), `${content}\n`)
  }
  return memoryLeftByControlGroups(root)
}

const own = 'proc/self/cgroup'

describe('memory left by control groups', () => {
  it('is infinite without a limit', async () => {
    assert.equal(await left({}), Number.POSITIVE_INFINITY)
    assert.equal(await left({ [own]: '0::/a', 'sys/fs/cgroup/a/memory.max': 'max' }), Number.POSITIVE_INFINITY)
  })

  it('is the minimum over the group and its parents: the limit without what is used and not cached', async () => {
    const files = {
      [own]: '0::/a/b',
      'sys/fs/cgroup/a/memory.max': '1000',
      'sys/fs/cgroup/a/memory.current': '700',
      'sys/fs/cgroup/a/memory.stat': 'anon 1\ninactive_file 200\n',
      'sys/fs/cgroup/a/b/memory.max': '2000',
      'sys/fs/cgroup/a/b/memory.current': '100',
    }
    assert.equal(await left(files), 500)
    assert.equal(await left({ ...files, 'sys/fs/cgroup/a/b/memory.max': '150' }), 50)
    assert.equal(await left({ ...files, 'sys/fs/cgroup/a/b/memory.max': '50' }), 0)
  })

  it('is that of the root group in a container, whatever the name of the group outside', async () => {
    const files = { 'sys/fs/cgroup/memory.max': '1000', 'sys/fs/cgroup/memory.current': '1' }
    for (const group of ['/', '/../..', '/docker/3f2a'])
      assert.equal(await left({ [own]: `0::${group}`, ...files }), 999)
  })

  it('is also read from version 1', async () => {
    const files = {
      [own]: '12:pids:/x\n5:cpu,memory:/docker/3f2a\n0::/',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '1000',
      'sys/fs/cgroup/memory/memory.usage_in_bytes': '600',
      'sys/fs/cgroup/memory/memory.stat': 'inactive_file 1\ntotal_inactive_file 100',
    }
    assert.equal(await left(files), 500)
  })
})
