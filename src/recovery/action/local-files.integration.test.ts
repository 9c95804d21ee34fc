import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { program } from '../../image/program.ts'
import { python } from '../../shell/python.ts'
import { mountPointsModule } from '../mounts/mount-points.ts'
import { PrivateMounts } from '../mounts/private-mounts.fixture.ts'

const source = readFileSync(new URL('./local_files.py', import.meta.url), 'utf8')

/** Looks at /mnt/share, runs a script, and looks again. */
const probe = `
import subprocess, local_files, json_text
def main(script):
    sight = local_files.Sight("/mnt/share")
    subprocess.run(["sh", "-euc", script], check=True)
    print(json_text.dumps(list(sight.compare())))
    return 0
`

describe('the sight of a local path', { skip: process.getuid?.() !== 0 && 'needs root, to mount' }, () => {
  const node = new PrivateMounts(['/mnt'])
  before(() => node.start())
  after(() => node.stop())

  const compareAfter = async (script: string) => {
    await node.run({
      script: `
        while mountpoint -q /mnt; do umount -l /mnt; done
        mount -t tmpfs none /mnt
        mkdir /mnt/share; mount -t tmpfs none /mnt/share
        mkdir -p /mnt/share/workload_1/empty /mnt/share/more; mount -t tmpfs none /mnt/share/more
        echo data >/mnt/share/workload_1/workload_db`,
    })
    const stdin = program({ ...mountPointsModule, local_files: source, probe }, script)
    const { stdout } = await node.run(python, { stdin })
    return JSON.parse(stdout) as readonly [lost: string | null, proof: string | null]
  }

  it('proves by a file that is read that nothing is lost', async () => {
    for (const harmless of [':', 'mount -t tmpfs none /mnt/share/workload_1/empty', 'touch /mnt/share/a'])
      assert.deepEqual(await compareAfter(harmless), [null, 'workload_1/workload_db was read there after it'])
  })
  it('finds a mount that is gone, another folder, and files that are gone', async () => {
    const lost = async (script: string) => (await compareAfter(script))[0]
    assert.equal(await lost('umount /mnt/share/more'), '/mnt/share/more is not mounted any more')
    assert.equal(await lost('umount -R /mnt/share'), '/mnt/share shows another folder than before')
    assert.equal(await lost('mount -t tmpfs none /mnt/share'), '/mnt/share shows another folder than before')
    assert.equal(await lost('rm -r /mnt/share/workload_1'), '/mnt/share shows no files any more')
  })
})
