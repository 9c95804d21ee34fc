import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { mountUnits } from './mount-units.ts'

const isRoot = process.getuid?.() === 0
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0

describe('mount units', () => {
  const odd = ["/m/it's 5% $x;", '/m/ü "b\\\t\nc']

  it('are valid for systemd with any path', { skip: !hasSystemd && 'needs systemd-analyze' }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'units-'))
    try {
      const units = mountUnits({ local: odd[0] ?? '', origin: odd[1] ?? '' }, 1)
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

  /** Runs a script in private mounts. Its `look` runs the service, and prints a file at the origin path. */
  function follow(script: string): string {
    const [{ content }] = mountUnits({ local: '/mnt/l $x', origin: '/mnt/o/p "q' }, 1)
    const [, line = ''] = /^ExecStart=(.*)$/m.exec(content) ?? []
    // With `$$` and `%%` replaced, systemd's quoting is what a shell reads too.
    const service = line.replaceAll('$$', '\\$').replaceAll('%%', '%')
    const before = `mount -t tmpfs none /run; mount -t tmpfs none /mnt; mkdir '/mnt/l $x'
      origin='/mnt/o/p "q'
      share() { mount -t tmpfs none '/mnt/l $x'; echo "$1" >'/mnt/l $x/file'; }
      look() { ${service} 2>&1 || :; [ -e "$origin/file" ] && cat "$origin/file" || echo nothing; }`
    const args = ['--mount', '--propagation', 'private', 'sh', '-euc', `${before}\n${script}`]
    return execFileSync('unshare', args, { encoding: 'utf8' })
  }

  it('follow the share when it is mounted and unmounted', { skip: !isRoot && 'needs root, to mount' }, () => {
    const said = follow(`look; share one; look; look; umount '/mnt/l $x'; share two; look
      findmnt -rno TARGET | grep -c /mnt/o`)
    assert.equal(said, 'nothing\none\none\ntwo\n1\n')
  })

  it('unmount nothing else, cover nothing, and follow no link', { skip: !isRoot && 'needs root, to mount' }, () => {
    const said = follow(`mkdir -p "$origin"; share one
      mount -t tmpfs none "$origin"; echo theirs >"$origin/file"; look; umount "$origin"
      echo data >"$origin/file"; look; rm "$origin/file"
      mv /mnt/o /mnt/real; ln -s real /mnt/o; look; rm /mnt/o; mv /mnt/real /mnt/o; look
      umount "$origin"; mount -t tmpfs none "$origin"; echo theirs again >"$origin/file"; look`)
    assert.deepEqual(said.trimEnd().split('\n'), [
      'something else is mounted at /mnt/o/p "q',
      'theirs',
      '/mnt/o/p "q is not empty',
      'data',
      'a symbolic link is on the way to /mnt/o/p "q',
      'nothing',
      'one',
      'something else is mounted at /mnt/o/p "q',
      'theirs again',
    ])
  })
})
