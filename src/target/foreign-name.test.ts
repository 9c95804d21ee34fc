import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endsLikeCopy, foreignKind } from './foreign-name.ts'

const id = '3c2fbee5-ad90-4448-b009-5047bcffc2ea'

const rows = {
  copy: [
    `workload_${id}.bak`,
    `workload_${id}.old`,
    `workload_${id}_copy`,
    `workload_${id} (1)`,
    `workload_${id}-2026-11-01`,
    `workload_${id}.tar.gz`,
    `Copy of workload_${id}`,
    `snapshot_${id}.bak`,
    `old_snapshot_${id}`,
    `vm_id_${id}~`,
    `${id}.bak`,
    `${id} (copy)`,
    'workload_db~',
    'disk_db.orig',
    'snapshot_vms_db.bak',
  ],
  leftover: [
    `.workload_${id}.Ab3xYz`,
    `workload_${id}.partial`,
    `.${id}.Ab3xYz`,
    `${id}.part`,
    '.disk_db.swp',
    '#workload_db#',
    '.~tmp~',
    '.nfs0000000000000001',
    '.rsync-partial',
  ],
  storage: ['.snapshot', '.snapshots', '~snapshot', '.zfs', 'lost+found', '@eaDir', '#recycle', '.Trash-1000'],
  none: ['network', 'security_group', 'workload_transfers', 'settings_db', id, 'a.bak'],
} as const

for (const [kind, names] of Object.entries(rows))
  test(`names of the kind "${kind}" are recognized`, () => {
    for (const name of names) assert.equal(foreignKind(name) ?? 'none', kind, name)
  })

test('a name ends like that of a copy, or does not', () => {
  for (const name of ['vda.bak', 'vda (1)', 'vda_copy', 'vda-old2', 'vda~', 'vda.partial', 'vda.orig'])
    assert.equal(endsLikeCopy(name), true, name)
  for (const name of ['vda', 'sdb1', 'dev_1(boot)', 'copy', 'vda_new', 'hda.1'])
    assert.equal(endsLikeCopy(name), false, name)
})
