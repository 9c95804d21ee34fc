import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseRestoreFile, type RestoreFileInput } from './restore-file.ts'
import { planInstances, type SavedVm } from './restore-plan.ts'

const disk = {
  device: 'vda',
  volumeId: 'volume-1',
  volumeType: 'ceph',
  imagePath: 'workload_1/x',
  virtualSizeBytes: 512,
}
const web: SavedVm = { id: 'vm-1', name: 'web-1', flavor: 'm1.small', networks: ['dmz'], disks: [disk] }
const db: SavedVm = { id: 'vm-2', name: 'db-1', networks: ['private'], disks: [{ ...disk, volumeId: 'volume-2' }] }

const same = { flavors: ['m1.small'], networks: ['dmz', 'private'], volumeTypes: ['ceph'] }
const other = { flavors: ['c2.large'], networks: ['private', 'edge'], volumeTypes: ['standard'] }

const fileOf = (openstack: RestoreFileInput['openstack']) =>
  parseRestoreFile(JSON.stringify({ restore_type: 'selective', openstack }), 'restore.json')

describe('the instances of a restore', () => {
  it('are those of the snapshot in a cloud with the same names', () => {
    assert.deepEqual(planInstances([web, db], 'oneclick', same), [web, db])
  })

  it('are refused in a cloud without the network of the snapshot, with a mapping as the remedy', () => {
    assert.throws(() => planInstances([db, web], 'oneclick', { ...same, networks: ['private', 'dzm'] }), {
      name: 'InputError',
      message: 'instance web-1: network "dmz" does not exist in this cloud: did you mean dzm?',
      remedy: /Map it to a name of this cloud .* use snapshot-selective-restore/,
    })
  })

  it('have the flavor, networks and volume types of the mapping', () => {
    const file = fileOf({
      instances: [
        {
          id: 'vm-1',
          name: 'web-new',
          flavor: { name: 'c2.large', vcpus: 2 },
          vdisks: [{ id: 'volume-1', new_volume_type: 'standard', availability_zone: 'nova' }],
        },
        { id: 'vm-2', include: false },
      ],
      networks_mapping: { networks: [{ snapshot_network: { name: 'dmz' }, target_network: { name: 'edge' } }] },
    })
    assert.deepEqual(planInstances([web, db], 'selective', other, file), [
      {
        ...web,
        name: 'web-new',
        flavor: 'c2.large',
        networks: ['edge'],
        disks: [{ ...disk, volumeType: 'standard' }],
      },
    ])
  })

  it('are planned in place whatever the names of the cloud are', () => {
    assert.deepEqual(planInstances([web], 'inplace', other), [web])
  })

  const wrong: readonly (readonly [string, NonNullable<RestoreFileInput['openstack']>, RegExp])[] = [
    ['an instance', { instances: [{ id: 'vm-9' }] }, /the snapshot has no instance "vm-9": did you mean vm-1\?/],
    [
      'a volume',
      { instances: [{ id: 'vm-1', vdisks: [{ id: 'volume-2', new_volume_type: 'ceph' }] }] },
      /instance web-1 has no volume "volume-2": did you mean volume-1\?/,
    ],
    [
      'a network of the snapshot',
      { networks_mapping: { networks: [{ snapshot_network: 'dmx', target_network: 'edge' }] } },
      /the snapshot has no network "dmx": did you mean dmz\?/,
    ],
    [
      'a network of this cloud',
      { networks_mapping: { networks: [{ snapshot_network: 'dmz', target_network: 'egde' }] } },
      /web-1: network "egde" does not exist in this cloud: did you mean edge\?/,
    ],
    [
      'a flavor',
      {
        instances: [{ id: 'vm-1', flavor: 'c2.lrage' }],
        networks_mapping: { networks: [{ snapshot_network: 'dmz', target_network: 'edge' }] },
      },
      /web-1: flavor "c2.lrage" does not exist in this cloud: did you mean c2.large\?/,
    ],
  ]
  for (const [what, openstack, message] of wrong)
    it(`are refused with ${what} that does not exist`, () =>
      assert.throws(() => planInstances([web, db], 'selective', other, fileOf(openstack)), {
        name: 'InputError',
        message,
      }))

  it('are refused if the mapping excludes each of them', () => {
    const file = fileOf({ instances: [{ id: 'vm-1', include: false }] })
    assert.throws(() => planInstances([web], 'selective', same, file), /the restore includes no instance/)
  })
})

describe('restore.json', () => {
  const rows: readonly (readonly [string, string, RegExp])[] = [
    ['that is not JSON', '{', /^restore\.json: not JSON/],
    ['with an unknown key', '{"openstak": {}}', /restore\.json: unknown key `openstak`: did you mean `openstack`\?/],
    [
      'with an unknown kind',
      '{"restore_type": "selectiv"}',
      /must be one of .* not "selectiv": did you mean selective/,
    ],
    [
      'with an instance without an id',
      '{"openstack": {"instances": [{"name": "web"}]}}',
      /openstack\.instances\.0\.id: is missing/,
    ],
  ]
  for (const [what, json, message] of rows)
    it(`${what} is refused`, () =>
      assert.throws(() => parseRestoreFile(json, 'restore.json'), { name: 'InputError', message }))

  it('keeps fields that have no effect in the lab', () => {
    const file = fileOf({ instances: [{ id: 'vm-1', availability_zone: 'nova' }] })
    assert.equal(file.openstack.instances[0]?.['availability_zone'], 'nova')
  })
})
