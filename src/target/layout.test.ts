import assert from 'node:assert/strict'
import { test } from 'node:test'
import { idInFolder, imagePath, keystoneIdFrom, parseImagePath, splitImageName, uuidFrom } from './layout.ts'

test('the path of an image is that of the procedure page', () => {
  assert.equal(
    imagePath({
      workloadId: '3c2fbee5-ad90-4448-b009-5047bcffc2ea',
      snapshotId: 'f4874ed7-fe85-4d7d-b22b-082a2e068010',
      vmId: '9894f013-77dd-4514-8e65-818f4ae91d1f',
      resourceId: '9ae3a6e7-dffe-4424-badc-bc4de1a18b40',
      device: 'v da',
      imageId: 'a6289269-3e72-4085-adca-e228ba656984',
    }),
    'workload_3c2fbee5-ad90-4448-b009-5047bcffc2ea/snapshot_f4874ed7-fe85-4d7d-b22b-082a2e068010/vm_id_9894f013-77dd-4514-8e65-818f4ae91d1f/vm_res_id_9ae3a6e7-dffe-4424-badc-bc4de1a18b40_vda/a6289269-3e72-4085-adca-e228ba656984',
  )
})

test('ids depend on the seed alone, and have the format of their kind', () => {
  const ids = Array.from({ length: 500 }, (_, i) => uuidFrom(`seed ${i}`))
  for (const id of ids) assert.match(id, /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
  assert.equal(new Set(ids).size, ids.length)
  assert.equal(uuidFrom('seed 7'), ids[7])
  assert.match(keystoneIdFrom('x'), /^[\da-f]{32}$/)
})

test('the name of an image is split at its workload, also below a nested mount path', () => {
  assert.deepEqual(splitImageName('/var/m/MTA/Yg==/workload_1/snapshot_2/x'), {
    mountPath: '/var/m/MTA/Yg==',
    path: 'workload_1/snapshot_2/x',
  })
  for (const name of ['workload_1/x', '/workload_1/x', '/var/m/x', 'json:{}'])
    assert.equal(splitImageName(name), undefined)
})

test('the path of an image is split into its ids', () => {
  const place = {
    workloadId: uuidFrom('workload'),
    snapshotId: uuidFrom('snapshot'),
    vmId: uuidFrom('vm'),
    resourceId: uuidFrom('resource'),
    device: 'dev_1 (boot)',
    imageId: uuidFrom('image'),
  }
  const path = imagePath(place)
  assert.deepEqual(parseImagePath(path), { ...place, device: 'dev_1(boot)' })
  for (const other of [`/${path}`, `${path}.bak`, path.replace(/[^/]+$/, 'disk_db'), path.replace('vm_id_', 'vm_'), ''])
    assert.equal(parseImagePath(other), undefined, other)
  const [workload = '', snapshot = '', vm = '', disk = ''] = path.split('/')
  assert.equal(idInFolder('workload', workload), place.workloadId)
  assert.equal(idInFolder('snapshot', snapshot), place.snapshotId)
  assert.equal(idInFolder('vm', vm), place.vmId)
  assert.equal(idInFolder('disk', disk), place.resourceId)
  for (const other of ['workload_transfers', `${workload}x`, snapshot])
    assert.equal(idInFolder('workload', other), undefined)
})
