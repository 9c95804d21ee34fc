import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { contentReader } from '../content/read-content.ts'
import { createTarget } from '../generate/create.ts'
import { readShape } from '../generate/read-shape.ts'
import { LocalShell } from '../shell/local.ts'
import { assessTargets, scratch } from './assessment.fixture.ts'

describe('content with a recorded digest', () => {
  const folder = scratch('content')
  const root = join(folder, 'target')
  const secrets = new Map<string, string>()

  before(async () => {
    const shape = readShape(undefined, { workloads: 2, vms: 1, disks: 1, snapshots: 3, diskSize: '1GiB', encrypted: 1 })
    const { secretsFolder = '' } = await createTarget({ directory: root, shape, dataBy: new LocalShell() })
    for (const id of readdirSync(secretsFolder)) secrets.set(id, join(secretsFolder, id))
  })

  it('is restorable on a sound target', async () => {
    const { summary, images } = await assessTargets([root], {
      depth: 'content',
      readContent: contentReader({ secrets }),
    })
    assert.deepEqual(summary.totals.states, {
      restorable: 2,
      'after-recovery': 4,
      'with-secret': 0,
      broken: 0,
      unknown: 0,
    })
    assert.equal(new Set(images.map(({ digest }) => digest)).size, 6)
  })

  it('is unknown for encrypted chains without their secret', async () => {
    const { summary, text } = await assessTargets([root], { depth: 'content', readContent: contentReader() })
    assert.deepEqual(summary.totals.states, {
      restorable: 1,
      'after-recovery': 2,
      'with-secret': 0,
      broken: 0,
      unknown: 3,
    })
    assert.equal(summary.exitCode, 3)
    assert.match(text, new RegExp(`needs\\s+the secret ${[...secrets.keys()][0]}`))
  })

  it('is broken if the full image was written to, which nothing else reveals', async () => {
    const changed = join(folder, 'changed')
    cpSync(root, changed, { recursive: true })
    const { images } = await assessTargets([changed])
    const full = images.find(({ links, secrets }) => links === 1 && secrets.length === 0)
    const graph = { driver: 'qcow2', file: { driver: 'file', filename: join(changed, full?.path ?? '') } }
    execFileSync('qemu-io', ['-c', 'write -q -P 7 1000M 4096', `json:${JSON.stringify(graph)}`])
    const tables = await assessTargets([changed])
    assert.deepEqual(tables.summary.totals.states, {
      restorable: 1,
      'after-recovery': 2,
      'with-secret': 3,
      broken: 0,
      unknown: 0,
    })
    const content = await assessTargets([changed], { depth: 'content', readContent: contentReader({ secrets }) })
    assert.deepEqual(content.summary.totals.states, {
      restorable: 1,
      'after-recovery': 2,
      'with-secret': 0,
      broken: 3,
      unknown: 0,
    })
    assert.equal(content.summary.findings[0]?.code, 'wrong-content')
    assert.equal(content.summary.exitCode, 1)
  })
})
