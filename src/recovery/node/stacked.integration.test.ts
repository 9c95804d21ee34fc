import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { PrivateMounts } from '../mounts/private-mounts.fixture.ts'
import { readNode } from './read-node.ts'

const [base, local, origin] = ['/mnt', '/mnt/m/bG9jYWw=', '/mnt/m/b3JpZ2lu'] as const

describe('the mounts of a node', { skip: process.getuid?.() !== 0 && 'needs root, to mount' }, () => {
  const node = new PrivateMounts([base])
  before(() => node.start())
  after(() => node.stop())
  beforeEach(async () => {
    const script = `
      while mountpoint -q "$1"; do umount -l "$1"; done
      mount -t tmpfs none "$1"
      mkdir -p "$2" "$3"
      mount -t tmpfs share "$2"
      mkdir "$2/sub"`
    await node.run({ script, args: [base, local, origin] })
  })
  const originAfter = async (script: string, path: string = origin) => {
    await node.run({ script, args: [base, local, origin] })
    const [pair] = (await readNode(node, [{ local, origin: path }])).pairs
    assert.ok(pair)
    return pair.origin
  }

  it('are listed from the top where they are stacked', async () => {
    const three = 'mount --bind "$2" "$3"; mount --bind "$2/sub" "$3"; mount -t tmpfs other "$3"'
    const { mount } = await originAfter(three)
    assert.equal(mount?.source, 'other')
    assert.deepEqual(
      mount?.below?.map(({ of, source }) => [of.replace(/^.* /, ''), source]),
      [
        ['/sub', 'share'],
        ['/', 'share'],
      ],
    )
  })

  it('are not at a path that another one hides, and are listed as hidden', async () => {
    const { mount, hidden, kind } = await originAfter('mount --bind "$2" "$3"; mount -t tmpfs none "${3%/*}"')
    assert.deepEqual([kind, mount], ['missing', undefined])
    assert.deepEqual([hidden?.by, hidden?.mounts.map(({ source }) => source)], ['/mnt/m', ['share']])
  })

  it('are carried by a bind of the folder above only if it is recursive', async () => {
    const inOld = (how: string) => originAfter(`mkdir "$1/old"; mount --${how} "$1/m" "$1/old"`, '/mnt/old/bG9jYWw=')
    const { mount, isEmpty } = await inOld('bind')
    assert.deepEqual([mount, isEmpty], [undefined, true])
    await node.run({ script: 'umount "$1/old"; rmdir "$1/old"', args: [base] })
    assert.equal((await inOld('rbind')).mount?.source, 'share')
  })
})
