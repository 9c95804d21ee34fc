import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { makeSite, removeFixtures } from '../manager.fixture.ts'
import type { ManagerConfig } from '../manager-config.ts'
import { addTarget } from './add-target.ts'

after(removeFixtures)
const nfs = { name: 'new', type: 'nfs', share: '10.0.0.9:/b/c', isDefault: false } as const

/** A site whose target is mounted as the product's version does it. */
function siteOf(version: string, encoded: string) {
  const { manager } = makeSite({ targets: [`/var/triliovault-mounts/${encoded}`], version })
  const [only] = manager.config.targets
  assert.equal(only?.share, '10.0.0.1:/recovery')
  return manager
}

describe('new backup target', () => {
  it('is mounted beside the configured ones, encoded by the rule of the version', () => {
    const rows: readonly (readonly [ManagerConfig['version'], string, string])[] = [
      ['4.1', '10.0.0.1:/recovery', '10.0.0.9:/b/c'],
      ['4.2', '/recovery', '/b/c'],
      ['6.1', '/recovery', '/b/c'],
    ]
    for (const [version, own, added] of rows) {
      const [encoded, expected] = [own, added].map((text) => Buffer.from(text).toString('base64'))
      const manager = siteOf(version, encoded ?? '')
      assert.equal(addTarget(manager, nfs).mountPath, `/var/triliovault-mounts/${expected}`)
      assert.deepEqual(
        manager.targets.map(({ name, isDefault }) => [name, isDefault]),
        [
          ['target-1', true],
          ['new', false],
        ],
      )
    }
  })

  it('becomes the only default on request', () => {
    const manager = siteOf('4.1', Buffer.from('10.0.0.1:/recovery').toString('base64'))
    addTarget(manager, { ...nfs, isDefault: true })
    addTarget(manager, { ...nfs, name: 'newer', share: '10.0.0.9:/d', isDefault: true })
    assert.deepEqual(
      manager.targets.filter(({ isDefault }) => isDefault).map(({ name }) => name),
      ['newer'],
    )
  })

  it('is refused for a name or a mount path that exists, a wrong share, or an unknown base directory', () => {
    const manager = siteOf('4.1', 'elsewhere')
    assert.throws(() => addTarget(manager, { ...nfs, name: 'target-1' }), /backup target target-1 exists/)
    assert.throws(() => addTarget(manager, nfs), /the mount path of 10\.0\.0\.9:\/b\/c is unknown/)
    const mountPath = '/var/triliovault-mounts/elsewhere'
    assert.throws(() => addTarget(manager, { ...nfs, mountPath }), /target-1 has the same mount path/)
    const other = siteOf('4.1', Buffer.from('10.0.0.1:/recovery').toString('base64'))
    assert.throws(() => addTarget(other, { ...nfs, share: 'x' }), /not a share: "x"/)
  })
})
