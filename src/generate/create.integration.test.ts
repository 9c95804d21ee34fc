import assert from 'node:assert/strict'
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readRecord } from '../target/record-files.ts'
import { createTarget } from './create.ts'
import { readShape } from './read-shape.ts'
import { imagesOn } from './target.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'target-'))
after(() => rmSync(folder, { recursive: true }))

let made = 0

async function create(asked: Readonly<Record<string, unknown>>, directory = join(folder, `target ${made++}`)) {
  return await createTarget({ directory, shape: readShape(undefined, asked) })
}

const everything = {
  workloads: 3,
  vms: '1-2',
  disks: '1-3',
  snapshots: 8,
  keep: 6,
  fullEvery: 5,
  diskSize: '1GiB-2TiB',
  addedDisks: 2,
  imageBooted: 2,
  encrypted: 1,
  deleted: 2,
  upgradeAfter: 4,
  upgradeTo: '4.2',
  networks: true,
}

test('every image passes qemu-img check, takes at most 16 KiB, and matches its record', async () => {
  const { directory, images: count, secretsFolder = '', originPaths } = await create(everything)
  const [secretId = ''] = readdirSync(secretsFolder)
  const secretFile = join(secretsFolder, secretId)
  assert.deepEqual([statSync(secretsFolder).mode & 0o777, statSync(secretFile).mode & 0o777], [0o700, 0o600])
  const images = imagesOn(directory)
  assert.equal(images.length, count)
  const rows = new Map(images.map(({ row }) => [row.id, row]))
  for (const { path, row, blocks = 5, header, parent, keySecret } of images) {
    assert.ok(header && blocks <= 4, `${path}: ${blocks} blocks`)
    assert.equal(header.virtualSizeBytes, row.restore_size)
    assert.equal(statSync(join(directory, path)).size, row.size)
    const parentRow = rows.get(row.vm_disk_resource_snap_backing_id ?? '')
    assert.equal(parent === undefined, parentRow === undefined)
    assert.equal(parent && `/${parent.path}`, parentRow?.vault_url)
    assert.equal(header.backingFormat, parent && 'qcow2')
    assert.ok(parent === undefined || originPaths.includes(parent.mountPath))
    const isEncrypted = header.encryption === 'luks'
    if (parent !== undefined) assert.equal(keySecret, isEncrypted ? `secret-${secretId}` : undefined)
    const key = isEncrypted ? { 'encrypt.key-secret': 's' } : {}
    const graph = { driver: 'qcow2', ...key, file: { driver: 'file', filename: join(directory, path) }, backing: null }
    const object: readonly string[] = ['--object', `secret,id=s,file=${secretFile}`]
    const check: SpawnSyncReturns<string> = spawnSync(
      'qemu-img',
      ['check', ...object, `json:${JSON.stringify(graph)}`],
      { encoding: 'utf8' },
    )
    assert.equal(check.status, 0, check.stdout + check.stderr)
  }
  assert.ok(images.some(({ header }) => header?.encryption === 'luks'))
  const encrypted = readdirSync(directory).flatMap((name) => {
    if (!/^workload_[\da-f]/.test(name)) return []
    const record = readRecord('workload_db', readFileSync(join(directory, name, 'workload_db')), name).record
    return record?.encryption === true ? [record.secret_uuid] : []
  })
  assert.deepEqual(encrypted, readdirSync(secretsFolder))
})
