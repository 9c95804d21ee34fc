import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mountName, mountRemarks } from './mount-remarks.ts'
import type { MountedHere, PairState } from './node-state.ts'

const nfs = (of: string): MountedHere => ({ of, type: 'nfs', source: 'server:/replica', isShared: true })
const share = nfs('0:40 /')
const tmpfs: MountedHere = { of: '0:41 /', type: 'tmpfs', source: 'none', isShared: true }
const pair = (origin: Partial<PairState['origin']>): PairState => ({
  local: { path: '/l', kind: 'directory', mount: share },
  origin: { path: '/o', kind: 'directory', ...origin },
  isKeptInFstab: false,
  isLocalInFstab: true,
})

describe('mountRemarks', () => {
  it('report stacked mounts, by what they show', () => {
    assert.deepEqual(mountRemarks(pair({ mount: share })), [])
    assert.deepEqual(mountRemarks(pair({ mount: { ...share, below: [share, tmpfs] } })), [
      '3 mounts are stacked at /o: the share on top, below it the share, tmpfs none. One umount removes only the topmost',
    ])
  })
  it('report mounts that another one hides', () => {
    assert.deepEqual(mountRemarks(pair({ hidden: { mounts: [share], by: '/' } })), [
      '/ hides what is mounted at /o: the share',
    ])
  })
  it('name a folder of the share by its path in the share', () => {
    assert.equal(mountName(nfs('0:40 /sub'), share), 'the folder /sub of server:/replica, of which the share is /')
    assert.equal(mountName(share, undefined), 'nfs server:/replica')
  })
})
