import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InputError } from '../errors.ts'
import { baseDirectoryTable, findDistribution, isContainerized } from './distribution.ts'

test('distribution and version determine base directory, path rule, options and user', () => {
  const cases: [string, string, string, string, number, string][] = [
    ['juju', '4.1', '/var/triliovault-mounts', 'share', 162, 'nolock,soft,timeo=180,intr,lookupcache=none'],
    ['juju', '4.2', '/var/triliovault-mounts', 'export', 162, 'nolock,soft,timeo=180,intr,lookupcache=none,nfsvers=3'],
    ['kolla', '4.0', '/var/triliovault-mounts', 'share', 42436, 'nolock,soft,timeo=180,intr,lookupcache=none'],
    ['kolla', '4.1', '/var/trilio/triliovault-mounts', 'share', 42436, 'nolock,soft,timeo=180,intr,lookupcache=none'],
    [
      'kolla',
      '6.1',
      '/var/trilio/triliovault-mounts',
      'export',
      42436,
      'nolock,soft,timeo=600,intr,lookupcache=none,nfsvers=3,retrans=10',
    ],
    [
      'helm',
      '6.1',
      '/var/trilio/triliovault-mounts',
      'export',
      42424,
      'nolock,soft,timeo=180,intr,lookupcache=none,nfsvers=3',
    ],
    [
      'helm',
      '6.2',
      '/var/lib/trilio/triliovault-mounts',
      'export',
      42424,
      'nolock,soft,timeo=180,intr,lookupcache=none,nfsvers=3',
    ],
    [
      'sunbeam',
      '6.2',
      '/var/lib/trilio/triliovault-mounts',
      'export',
      42436,
      'nolock,soft,timeo=180,intr,lookupcache=none,nfsvers=3',
    ],
    ['rhosp', '4.1', '/var/lib/nova/triliovault-mounts', 'share', 42436, 'nolock,soft,timeo=180,intr,lookupcache=none'],
  ]
  for (const [name, version, baseDirectory, pathRule, uid, mountOptions] of cases) {
    const { source, ...found } = findDistribution(name, version)
    const user = { uid, gid: uid }
    const mountsOnDemand = version === '6.2'
    assert.deepEqual(found, { name, version, baseDirectory, pathRule, mountOptions, mountsOnDemand, user })
    assert.match(source, /\[pub\]/)
  }
})

test('every base directory has its distributions and its source', () => {
  assert.deepEqual(
    baseDirectoryTable.map(({ path, of }) => [path, of]),
    [
      [
        '/var/triliovault-mounts',
        ['appliance 3.0 to 4.3', 'juju 4.0 to 6.2', 'openstack-ansible 4.0 to 6.2', 'kolla 4.0'],
      ],
      ['/var/trilio/triliovault-mounts', ['kolla 4.1 to 6.2', 'helm 5.0 to 6.1']],
      ['/var/lib/nova/triliovault-mounts', ['rhosp 4.0 to 5.2', 'rhoso 6.0 to 6.2']],
      ['/var/lib/trilio/triliovault-mounts', ['helm 6.2', 'sunbeam 6.2']],
      ['/var/triliovault', []],
    ],
  )
  for (const { source } of baseDirectoryTable) assert.match(source, /\[pub\]/)
})

test('an unknown pair is refused with the nearest and all known ones', () => {
  const refusal = (name: string, version: string) => {
    try {
      findDistribution(name, version)
    } catch (error) {
      assert.ok(error instanceof InputError)
      assert.match(error.remedy ?? '', /kolla 4\.1 to 6\.2, .*helm 6\.2/)
      return error.message
    }
    return assert.fail('not refused')
  }
  assert.match(refusal('kola', '4.1'), /"kola 4\.1"; the nearest is kolla 4\.1$/)
  assert.match(refusal('kolla', '3.9'), /the nearest is kolla 4\.0$/)
  assert.match(refusal('helm', '7.0'), /the nearest is helm 6\.2$/)
  assert.match(refusal('helm', '4.9'), /the nearest is helm 5\.0$/)
  assert.match(refusal('juju', 'latest'), /the nearest is juju 6\.2$/)
})

test('three versions of one distribution cover all sets of mount options, so that drills of them suffice', () => {
  const names = ['appliance', 'juju', 'openstack-ansible', 'kolla', 'rhosp', 'rhoso', 'helm', 'sunbeam']
  const versions = [3, 4, 5, 6].flatMap((major) => [0, 1, 2, 3].map((minor) => `${major}.${minor}`))
  const optionsOf = (name: string, version: string) => {
    try {
      return [findDistribution(name, version).mountOptions]
    } catch {
      return []
    }
  }
  const all = new Set(names.flatMap((name) => versions.flatMap((version) => optionsOf(name, version))))
  assert.deepEqual(all, new Set(['4.1', '4.2', '4.3'].flatMap((version) => optionsOf('kolla', version))))
  assert.equal(all.size, 3)
})

test('a service has mounts of its own by its distribution, or by a base directory of such distributions alone', () => {
  const asked = (names: readonly string[]) => names.filter((name) => isContainerized(name, '/var/trilio/x'))
  assert.deepEqual(asked(['kolla', 'juju', 'rhosp', 'rhoso', 'appliance', 'sunbeam', 'helm']), [
    'kolla',
    'rhosp',
    'rhoso',
    'sunbeam',
    'helm',
  ])
  const known = baseDirectoryTable.map(({ path }) => path).filter((path) => isContainerized(undefined, path))
  const [kolla, rhosp, helm] = ['/var/trilio', '/var/lib/nova', '/var/lib/trilio'].map(
    (at) => `${at}/triliovault-mounts`,
  )
  assert.deepEqual(known, [kolla, rhosp, helm])
  assert.equal(isContainerized(undefined, undefined), false)
})
