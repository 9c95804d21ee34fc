import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Shell } from '../../../shell/shell.ts'
import { needsOf } from '../../images/origin-needs.ts'
import { checkRenames } from './check-renames.ts'
import { planRenames } from './plan-renames.ts'

const origin = '/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0='
const targets = ['/var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ==', '/var/triliovault-mounts/L290aGVy'] as const
const image = (target: number, path: string, parent?: string) => ({
  target,
  path,
  ...(parent !== undefined && { parent: `${origin}/${parent}` }),
  uid: 1,
  gid: 1,
  mtime: 0,
})

describe('the renames of a site', () => {
  it('lead each image to the target that holds its parent', () => {
    const images = [
      image(0, 'workload_1/full'),
      image(0, 'workload_1/next', 'workload_1/full'),
      image(1, 'workload_2/full'),
      image(1, 'workload_2/next', 'workload_2/full'),
      image(1, 'workload_1/moved', 'workload_1/full'),
    ]
    const { renames, refused } = planRenames({ images }, needsOf({ images, hidden: [] }, targets).needs, targets)
    assert.deepEqual(refused, [])
    assert.deepEqual(
      new Map(renames.map(({ path, to }) => [path, to])),
      new Map([
        [`${targets[0]}/workload_1/next`, `${targets[0]}/workload_1/full`],
        [`${targets[1]}/workload_1/moved`, `${targets[0]}/workload_1/full`],
        [`${targets[1]}/workload_2/next`, `${targets[1]}/workload_2/full`],
      ]),
    )
    assert.equal(renames.length, 3)
  })

  it('are refused without a command if the node has no qemu-img', async () => {
    const refuse = () => assert.fail('a command was run')
    const shell: Shell = { where: 'a/node', run: refuse, try: refuse }
    const rename = { path: '/x', from: '/a/y', to: '/b/y' }
    const signal = new AbortController().signal
    const user = { uid: 1, gid: 1 }
    assert.deepEqual(
      await checkRenames(
        { where: 'a/node', shell },
        { renames: [rename], refused: [] },
        { user, qemuImg: '', formats: {}, signal },
      ),
      { renames: [], refused: [{ path: 'a/node', why: 'qemu-img is not installed', kind: 'qemu' }] },
    )
  })
})
