import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { main, project } from './run.fixture.ts'

const isRoot = process.getuid?.() === 0

/** Runs a project by a script that becomes `"$@"`, with its folder as the current one. */
function runBy(script: string, args: readonly string[] = []) {
  const folder = project('passes')
  mkdirSync(join(folder, 'full'))
  const argv = ['--mount', 'sh', '-euc', script, 'sh', process.execPath, main, ...args]
  return spawnSync('unshare', isRoot ? argv : ['--map-root-user', ...argv], { cwd: folder, encoding: 'utf8' })
}

describe('a run on a machine that lacks something', () => {
  for (const sizeKib of [0, 8, 32])
    it(`exits with 3 and names the full disk with ${sizeKib} KiB left for its reports`, () => {
      const fill = `dd if=/dev/zero of=full/rest bs=1k count=${64 - sizeKib} status=none || :`
      const { status, stdout, stderr } = runBy(`mount -t tmpfs -o size=64k none full; ${fill}; exec "$@"`, [
        '--reports',
        'full',
      ])
      assert.equal(status, 3, stdout + stderr)
      assert.match(stdout + stderr, /cannot write \S+: (the disk is full|ENOSPC)/)
      assert.doesNotMatch(stdout + stderr, /This is a bug|\n\s+at |[1-9]\d* failed/)
    })

  it('exits with 3 or does its work with few file descriptors', () => {
    for (const count of [22, 24, 26, 28, 32]) {
      const { status, stdout, stderr } = runBy(`ulimit -n ${count}; exec "$@"`)
      assert.ok(status === 3 || status === 0, `${count}: ${status} ${stdout}${stderr}`)
      assert.doesNotMatch(stdout, /[1-9]\d* failed/)
    }
  })
})
