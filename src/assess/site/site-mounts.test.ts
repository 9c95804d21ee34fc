import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MountTable } from './mount-table.ts'
import { type SiteDescription, siteOfDescription, siteOfMounts } from './site-description.ts'
import { shownAt } from './site-mounts.ts'

const kolla = { distribution: 'kolla', version: '4.1' }

function pathsOf(description: SiteDescription, mounted: readonly (string | undefined)[] = [undefined]) {
  return Object.fromEntries(siteOfDescription(description, mounted).mountPaths)
}

describe('a described site', () => {
  it('has its shares where its distribution mounts them', () => {
    assert.deepEqual(pathsOf({ ...kolla, shares: ['10.10.2.20:/upstream'] }), {
      '/var/trilio/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=': [0],
    })
    assert.deepEqual(pathsOf({ distribution: 'juju', version: '4.2', shares: ['a:/Trilio_Backup'] }), {
      '/var/triliovault-mounts/L1RyaWxpb19CYWNrdXA=': [0],
    })
  })
  it('takes base and rule from the description, and shares from the mounts of this host', () => {
    assert.deepEqual(pathsOf({ base: '/b/', rule: 'export' }, ['a:/Trilio_Backup']), { '/b/L1RyaWxpb19CYWNrdXA=': [0] })
    assert.deepEqual(pathsOf({ ...kolla, rule: 'export', base: '/b', shares: ['a:/e'] }), { '/b/L2U=': [0] })
  })
  it('has binds, and shares that collide', () => {
    const binds = [{ origin: '/o/', share: 'b:/e' }]
    assert.deepEqual(pathsOf({ base: '/b', rule: 'export', shares: ['a:/e', 'b:/e'], binds }, [undefined, undefined]), {
      '/b/L2U=': [0, 1],
      '/o': [1],
    })
  })
  it('has S3 buckets beside shares', () => {
    const shares = ['s3://replica', 'https://s3.example:9000/replica/', '10.0.0.1:/r']
    const unknown = [undefined, undefined, undefined]
    const paths = Object.keys(pathsOf({ distribution: 'kolla', version: '4.1', shares }, unknown))
    assert.deepEqual(
      paths.map((path) => Buffer.from(path.split('/').at(-1) ?? '', 'base64').toString()),
      ['replica', 's3.example:9000/replica', '10.0.0.1:/r'],
    )
  })
  it('is in doubt where programs of its distribution compute different paths', () => {
    const doubtsOf = (distribution: string, share: string) =>
      siteOfDescription({ distribution, version: '6.1', shares: [share] }, [undefined]).doubts?.map(({ why }) => why)
    assert.deepEqual(doubtsOf('rhoso', '[fd00::20]:/upstream'), [
      'the start script of RHOSO mounts [fd00::20]:/upstream at /var/lib/nova/triliovault-mounts',
    ])
    assert.match(doubtsOf('juju', 'https://s3.example:9000/replica')?.join() ?? '', /drops the port: \/var.*\/czMu/)
    assert.equal(doubtsOf('rhoso', '10.0.0.1:/a'), undefined)
    assert.equal(doubtsOf('kolla', '[fd00::20]:/upstream'), undefined)
    assert.equal(doubtsOf('juju', 's3://replica'), undefined)
    assert.equal(doubtsOf('rhoso', 'https://s3.example:9000/replica'), undefined)
  })
  it('is refused if something is missing or contradictory', () => {
    const rows: readonly [SiteDescription, RegExp][] = [
      [{}, /the mount paths of the site are unknown/],
      [{ distribution: 'kolla' }, /--distribution and --version require each other/],
      [{ base: '/b' }, /the mount paths of the site are unknown/],
      [{ base: 'b', rule: 'share', shares: ['a:/e'] }, /must be absolute/],
      [kolla, /the shares of the site are unknown/],
      [{ ...kolla, shares: ['a:/e', 'b:/e'] }, /the number of shares \(2\) differs from the number of targets \(1\)/],
      [{ ...kolla, shares: ['upstream'] }, /not a share/],
      [{ ...kolla, shares: ['a:/e'], binds: [{ origin: '/o', share: 'b:/e' }] }, /not one of the shares/],
      [{ distribution: 'kola', version: '4.1', shares: ['a:/e'] }, /the nearest is kolla/],
    ]
    for (const [description, message] of rows) assert.throws(() => siteOfDescription(description, [undefined]), message)
  })
})

describe('the site of a mount table', () => {
  it('shows each target wherever it is visible', () => {
    const info = ['1 0 8:1 / / rw - ext4 x rw', '2 1 8:1 /srv/t /origin rw - ext4 x rw'].join('\n')
    assert.deepEqual(Object.fromEntries(siteOfMounts(new MountTable(info), ['/srv/t', '/srv/u']).mountPaths), {
      '/srv/t': [0],
      '/origin': [0],
      '/srv/u': [1],
    })
  })
  it('shows a target where a symbolic link leads to it, and nothing else', () => {
    const info = ['1 0 8:1 / / rw - ext4 x rw', '2 1 0:40 / /mnt/b rw - nfs4 10.0.0.1:/b rw'].join('\n')
    const links: Readonly<Record<string, string>> = { '/origin/a': '/srv/t', '/origin/b': '/mnt/b' }
    const site = siteOfMounts(new MountTable(info), ['/srv/t'], (path) => links[path] ?? path)
    assert.deepEqual(shownAt(site, '/origin/a', 0), { kind: 'here' })
    assert.equal(shownAt(site, '/origin/b', 0).kind, 'needed')
    assert.equal(site.otherAt?.('/origin/a'), undefined)
    assert.equal(site.otherAt?.('/origin/b'), '10.0.0.1:/b')
    assert.equal(site.otherAt?.('/origin/c'), undefined)
  })
})
