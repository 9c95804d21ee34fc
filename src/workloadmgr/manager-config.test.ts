import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { cloudFileText } from '../identity/cloud-file.ts'
import { cloudSchema } from '../identity/cloud-schema.ts'
import { describeCloud } from '../identity/described-cloud.ts'
import { check } from '../input/schema-check.ts'
import { openManager } from './manager.ts'
import { type ManagerConfig, readManagerConfig } from './manager-config.ts'

const folder = mkdtempSync(join(tmpdir(), 'dr-drill-manager-config-test-'))
after(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'workloadmgr.json')

const config: ManagerConfig = {
  site: 'recovery',
  version: '4.1',
  cloudFile: join(folder, 'cloud.json'),
  stateDirectory: join(folder, 'state'),
  user: { uid: 42436, gid: 42436 },
  targets: [{ name: 'nfs', type: 'nfs', share: '10.10.2.20:/upstream', mountPath: '/mnt/x', isDefault: true }],
  computes: [{ name: 'compute-1', address: '10.10.1.2' }],
}

const read = (content: unknown) => {
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return readManagerConfig({ WORKLOADMGR_CONFIG: file })
}

describe('configuration of a workload manager', () => {
  it('is read from the file that the environment names', () => {
    assert.deepEqual(read(config), config)
  })

  const wrong: readonly (readonly [string, unknown, RegExp])[] = [
    ['an unknown key', { ...config, targts: [] }, /unknown key `targts`: did you mean `targets`\?/],
    ['a relative path', { ...config, stateDirectory: 'state' }, /stateDirectory: must be an absolute path/],
    ['a missing value', { ...config, site: undefined }, /site: is missing/],
    [
      'two targets of one name',
      { ...config, targets: [...config.targets, ...config.targets] },
      /targets: must have different names/,
    ],
    ['broken JSON', '{"site": ', /workloadmgr\.json: /],
  ]
  for (const [what, content, message] of wrong)
    it(`is refused for ${what}`, () => assert.throws(() => read(content), { name: 'InputError', message }))

  it('is a failure of the machine if it cannot be read', () => {
    assert.throws(() => readManagerConfig({ WORKLOADMGR_CONFIG: join(folder, 'none') }), {
      code: 'manager-config',
      message: /cannot read the configuration: ENOENT/,
    })
  })
})

describe('workload manager', () => {
  it('knows its cloud, its targets, and targets that are added', async () => {
    const cloud = describeCloud(check(cloudSchema, { projects: [{ name: 'shop' }] }, 'x'), 'recovery', 'x')
    writeFileSync(config.cloudFile, cloudFileText(cloud))
    using manager = openManager(config)
    assert.equal(manager.cloud.id, cloud.id)
    assert.deepEqual((await manager.identity.readPeople()).data.projects, cloud.people.projects)
    const added = { name: 's3', type: 's3', share: 'b', mountPath: '/mnt/y', isDefault: true } as const
    manager.store.targets.add({ ...added, createdAt: '' })
    assert.deepEqual(manager.targets, [{ ...config.targets[0], isDefault: false }, added])
  })
})
