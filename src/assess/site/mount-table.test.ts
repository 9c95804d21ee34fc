import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MountTable } from './mount-table.ts'

const origin = '/var/triliovault-mounts/MTA='

/** Lines of mountinfo: id, parent, device, root, mount point, type, source. */
function table(...lines: readonly string[]): MountTable {
  const info = lines.map((line) => {
    const [id, parent, device, root, point, type = 'ext4', source = '/dev/vda1'] = line.split(' ')
    return `${id} ${parent} ${device} ${root} ${point} rw,relatime shared:1 - ${type} ${source} rw`
  })
  return new MountTable(['1 0 8:1 / / rw - ext4 /dev/vda1 rw', ...info, ''].join('\n'))
}

describe('the mount table', () => {
  it('has paths that are not mount points', () => {
    assert.deepEqual(table().pathsShowing('/srv/t'), ['/srv/t'])
  })
  it('finds binds of a folder, and of a folder above it', () => {
    const it = table(`2 1 8:1 /srv/t ${origin}`, '3 1 8:1 /srv /mnt')
    assert.deepEqual(it.pathsShowing('/srv/t'), ['/srv/t', origin, '/mnt/t'])
    assert.deepEqual(it.pathsShowing(origin), [origin, '/srv/t', '/mnt/t'])
  })
  it('does not take a bind of a part, or of another folder, for the whole', () => {
    const it = table(`2 1 8:1 /srv/t/workload_1 ${origin}`, '3 1 8:1 /srv/tt /mnt/a', '4 1 8:2 /srv/t /mnt/b')
    assert.deepEqual(it.pathsShowing('/srv/t'), ['/srv/t'])
  })
  it('ignores paths that another mount hides', () => {
    assert.deepEqual(table(`2 1 8:1 /srv/t ${origin}`, `3 2 0:9 / ${origin} tmpfs tmpfs`).pathsShowing('/srv/t'), [
      '/srv/t',
    ])
    assert.deepEqual(table(`2 1 8:1 /srv/t ${origin}`, '3 1 0:9 / /var tmpfs tmpfs').pathsShowing('/srv/t'), ['/srv/t'])
    // In the other order it is visible: the mount over /var came first.
    assert.deepEqual(table('3 1 0:9 / /var tmpfs tmpfs', `2 3 8:1 /srv/t ${origin}`).pathsShowing('/srv/t'), [
      '/srv/t',
      origin,
    ])
  })
  it('distinguishes NFS shares that are one file system to the kernel', () => {
    const it = table(
      '2 1 0:40 / /mnt/a nfs4 10.0.0.1:/a',
      '3 1 0:40 / /mnt/b nfs4 10.0.0.1:/b',
      `4 1 0:40 / ${origin} nfs4 10.0.0.1:/a`,
      '5 1 0:41 / /mnt/c nfs 10.0.0.1:/a',
    )
    assert.deepEqual(it.pathsShowing('/mnt/a'), ['/mnt/a', origin, '/mnt/c'])
    assert.deepEqual(it.pathsShowing('/mnt/b'), ['/mnt/b'])
    assert.equal(it.shareAt('/mnt/a'), '10.0.0.1:/a')
    assert.equal(it.shareAt('/mnt/a/deeper'), '10.0.0.1:/a/deeper')
    assert.equal(it.shareAt('/srv/t'), undefined)
  })
  it('knows what is mounted at a path, and whether it is local', () => {
    const it = table(`2 1 0:40 / ${origin} nfs4 10.0.0.1:/a`)
    assert.equal(it.mountedAt(origin), '10.0.0.1:/a')
    assert.equal(it.mountedAt(`${origin}/b`), undefined)
    assert.equal(it.mountedAt('/var'), undefined)
    assert.equal(it.isLocal('/var'), true)
    assert.equal(it.isLocal(origin), false)
    assert.equal(it.isLocal(`${origin}/b`), false)
  })
  it('decodes blanks as the kernel writes them', () => {
    assert.deepEqual(table('2 1 8:1 /srv/t /mnt/a\\040b').pathsShowing('/srv/t'), ['/srv/t', '/mnt/a b'])
  })
  it('ignores lines that are not mounts', () => {
    assert.deepEqual(new MountTable('rubbish\n1 1 8:1 / / rw - ext4 x rw').pathsShowing('/srv/t'), ['/srv/t'])
  })
})
