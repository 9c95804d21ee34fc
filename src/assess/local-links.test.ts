import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { scratch } from './assessment.fixture.ts'
import { linkFollower } from './local-links.ts'
import { MountTable } from './site/mount-table.ts'

const root = '1 0 8:1 / / rw - ext4 x rw'

it('links are followed on local file systems only', () => {
  const folder = scratch('links')
  mkdirSync(join(folder, 'data/share'), { recursive: true })
  symlinkSync(join(folder, 'data'), join(folder, 'base'))
  symlinkSync('../base/share', join(folder, 'data/again'))
  symlinkSync('round', join(folder, 'round'))
  const follow = linkFollower(new MountTable(root))
  const share = join(folder, 'data/share')
  for (const path of ['data/share', 'base/share', 'base/again', 'base/./share'])
    assert.equal(follow(`${folder}/${path}`), share, path)
  assert.equal(follow(join(folder, 'base/not/there')), join(folder, 'data/not/there'))
  assert.equal(follow(join(folder, 'round/a')), join(folder, 'round/a'))
  const remote = `${root}\n2 1 0:40 / ${folder}/data rw - nfs4 10.0.0.1:/a rw`
  assert.equal(linkFollower(new MountTable(remote))(join(folder, 'base/again')), join(folder, 'data/again'))
})
