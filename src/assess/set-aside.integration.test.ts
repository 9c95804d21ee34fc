import assert from 'node:assert/strict'
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type AssessmentRequest, assess } from './assess.ts'
import { assessTargets, createdTarget, imageOf, scratch } from './assessment.fixture.ts'
import { noSilence, silence } from './scan/silence.fixture.ts'

const folder = scratch('set-aside')

/** A target whose first workload has an image with a parent in its second. */
async function crossing(name: string, vms = 1): Promise<{ readonly root: string; readonly second: string }> {
  const root = join(folder, name)
  await createdTarget(root, { workloads: 2, vms, disks: 1, snapshots: 2 })
  const { images } = await assessTargets([root])
  const [one, other] = [...Map.groupBy(images, ({ workloadId }) => workloadId).values()]
  const top = one?.find(({ links }) => links === 2)
  const base = other?.find(({ links }) => links === 1)
  assert.ok(top && base)
  writeFileSync(join(root, top.path), imageOf(`/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=/${base.path}`))
  return { root, second: join(root, `workload_${base.workloadId}`) }
}

/** Assesses, and makes a change after the second workload was judged. The first one is set aside by then. */
async function assessedWhile(root: string, change: () => void | Promise<void>) {
  const request: AssessmentRequest = {
    targets: [root],
    depth: 'headers',
    concurrency: 2,
    answerWithinMs: 1000,
    nowMs: 0,
    failOn: ['broken'],
  }
  let isChanged = false
  const onImage = async () => {
    if (!isChanged) await change()
    isChanged = true
  }
  return assess(request, { onImage }, AbortSignal.timeout(60_000))
}

describe('a workload whose chain continues in another', () => {
  it('is judged for the selected VM alone', async () => {
    const { root, second } = await crossing('one-vm', 2)
    const { images, summary: all } = await assessTargets([root])
    const crossed = images.find(({ workloadId, links }) => links === 2 && !second.endsWith(workloadId))
    assert.ok(crossed)
    const others = images.filter(({ workloadId, vmId }) => workloadId === crossed.workloadId && vmId !== crossed.vmId)
    assert.equal(others.length, 2)
    // Defects of another VM do not matter.
    for (const { path } of others) rmSync(join(root, path))
    const disk = join(root, others[0]?.path ?? '', '..')
    writeFileSync(join(disk, 'disk_db'), '[{')
    symlinkSync('nowhere', join(disk, 'link'))
    for (const vm of [crossed.vmId, crossed.vm ?? '']) {
      const { images: judged, summary } = await assessTargets([root], { vm })
      assert.deepEqual(
        judged.map(({ path, state }) => [path, state]).toSorted(),
        images
          .filter(({ workloadId, vmId }) => workloadId === crossed.workloadId && vmId === crossed.vmId)
          .map(({ path, state }) => [path, state])
          .toSorted(),
      )
      // Whether times were kept shows in most images: those of one VM may be too few.
      const withoutTimes = all.findings.filter(({ code }) => code !== 'record-disagrees')
      assert.deepEqual(summary.findings, withoutTimes)
      assert.deepEqual([summary.totals.disks, summary.workloads[0]?.disks, summary.exitCode], [2, 1, all.exitCode])
    }
  })

  it('is unknown if the other one disappears', async () => {
    const { root, second } = await crossing('gone')
    const { totals, unseen, exitCode } = await assessedWhile(root, () => rmSync(second, { recursive: true }))
    assert.deepEqual([totals.workloads, totals.states.unknown, exitCode], [2, 1, 3])
    assert.match(unseen.join(), /^workload_.*it disappeared while the target was read$/)
  })

  it('is unknown if the target disappears', async () => {
    const { root } = await crossing('all-gone')
    const { unseen, exitCode } = await assessedWhile(root, () => renameSync(root, `${root}.moved`))
    assert.equal(exitCode, 3)
    assert.match(unseen.join('\n'), /ENOENT/)
  })

  it('is unknown if the target stops answering', { skip: noSilence() }, async () => {
    const { root } = await crossing('silent')
    let silent: Disposable | undefined
    const { unseen, exitCode } = await assessedWhile(root, async () => {
      silent = await silence(root)
    })
    silent?.[Symbol.dispose]()
    assert.equal(exitCode, 3)
    assert.match(unseen.join('\n'), /no answer for 1 s, at its root/)
  })
})
