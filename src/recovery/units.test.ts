import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { unitPair } from './units.ts'

const isRoot = process.getuid?.() === 0
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0

describe('units for a share that the product mounts', () => {
  const odd = ["/m/it's 5% $x;", '/m/ü "b\\\t\nc']

  it('are what systemd takes, whatever the paths', { skip: !hasSystemd && 'needs systemd-analyze' }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'units-'))
    try {
      const units = unitPair({ local: odd[0] ?? '', origin: odd[1] ?? '' }, 1)
      const files = units.map(({ name }) => join(folder, name))
      for (const [index, { content }] of units.entries()) writeFileSync(files[index] ?? '', content)
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', ...files], { encoding: 'utf8' })
      const ours = stderr.split('\n').filter((line) => line.includes('dr-drill-bind'))
      assert.deepEqual([status, ours], [0, []])
      assert.match(units[0].content, /5%% \$\$x/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('follow the share through mounts and unmounts', { skip: !isRoot && 'needs root, to mount' }, () => {
    const [{ content }] = unitPair({ local: '/mnt/l $x', origin: '/mnt/o/p "q' }, 1)
    const [, line = ''] = /^ExecStart=(.*)$/m.exec(content) ?? []
    // What is left of systemd's quoting when `$$` is one is what a shell reads too.
    const follow = line.replaceAll('$$', '\\$')
    const script = `mount -t tmpfs none /mnt; mkdir '/mnt/l $x'
      look() { ${follow}; [ -e '/mnt/o/p "q/file' ] && cat '/mnt/o/p "q/file' || echo nothing; }
      look; mount -t tmpfs none '/mnt/l $x'; echo one >'/mnt/l $x/file'
      look; look; umount '/mnt/l $x'; mount -t tmpfs none '/mnt/l $x'; echo two >'/mnt/l $x/file'
      look; findmnt -rno TARGET | grep -c /mnt/o`
    const args = ['--mount', '--propagation', 'private', 'sh', '-euc', script]
    assert.equal(execFileSync('unshare', args, { encoding: 'utf8' }), 'nothing\none\none\ntwo\n1\n')
  })
})
