import assert from 'node:assert/strict'
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { assessTargets, createdTarget, imageOf, scratch } from './assessment.fixture.ts'
import type { ImageVerdict } from './judge/verdict.ts'

describe('a filtered assessment', () => {
  const folder = scratch('selection')
  const pristine = join(folder, 'pristine')
  let disks: readonly ImageVerdict[] = []
  let nth = 0

  before(async () => {
    await createdTarget(pristine, { workloads: 2, vms: 2, disks: 2, snapshots: 3 })
    disks = (await assessTargets([pristine])).images
  })

  /** A disk of a snapshot that no other snapshot reads through. */
  function newestDisk(): ImageVerdict {
    const disk = disks.find(({ links }) => links === 3)
    assert.ok(disk)
    return disk
  }

  function changed(change: (root: string) => void): string {
    const root = join(folder, `copy-${++nth}`)
    cpSync(pristine, root, { recursive: true })
    change(root)
    return root
  }

  it('of one VM finds a disk that is recorded, but has no folder', async () => {
    const { path, vmId, vm = '', snapshotId, workloadId } = newestDisk()
    const root = changed((copy) => rmSync(join(copy, path, '..'), { recursive: true }))
    for (const one of [vmId, vm]) {
      const { summary } = await assessTargets([root], { vm: one, workload: workloadId })
      assert.equal(summary.totals.states.broken, 1)
      assert.equal(summary.exitCode, 1)
      assert.notEqual(summary.workloads[0]?.newestAfterRecovery?.snapshotId, snapshotId)
    }
  })

  it('of a VM that does not exist is unknown, and lists no workload without the VM', async () => {
    const { summary } = await assessTargets([pristine], { vm: 'nosuch' })
    assert.deepEqual([summary.exitCode, summary.findings.map(({ code }) => code)], [3, ['nothing-found']])
    assert.deepEqual([summary.totals.workloads, summary.totals.skipped], [0, 2])
    const one = await assessTargets([pristine], { vm: newestDisk().vmId })
    assert.deepEqual([one.summary.exitCode, one.summary.totals.workloads, one.summary.totals.skipped], [0, 1, 1])
  })

  it('of a VM by its name is unknown without the record of names', async () => {
    const { path, vm = '' } = newestDisk()
    const root = changed((copy) => rmSync(join(copy, path, '../../..', 'snapshot_vms_db')))
    const { summary } = await assessTargets([root], { vm })
    assert.deepEqual([summary.exitCode, summary.findings.map(({ code }) => code)], [3, ['missing-record']])
  })

  it('of a target that is given twice, also by a link, is wrong input', async () => {
    const link = join(folder, 'link')
    symlinkSync(pristine, link)
    for (const again of [pristine, link])
      await assert.rejects(assessTargets([pristine, again]), /pristine is given twice/)
  })

  it('is incomplete if a workload or a snapshot is a symbolic link', async () => {
    const { path } = newestDisk()
    for (const level of [1, 2]) {
      const root = changed((copy) => {
        const at = join(copy, path.split('/').slice(0, level).join('/'))
        renameSync(at, join(copy, 'moved'))
        symlinkSync(join(copy, 'moved'), at)
      })
      const { summary, text } = await assessTargets([root])
      assert.equal(summary.exitCode, 3)
      assert.match(text, /^INCOMPLETE: (?:.+\n)+ {2}workload_\S+ is a symbolic link/)
    }
  })

  it('for an unknown distribution fails before anything is read', async () => {
    const nowhere = join(folder, 'nowhere')
    const site = { distribution: 'kola', version: '4.3' }
    await assert.rejects(assessTargets([nowhere], { site }), /kola/)
  })
})

describe('needed origin paths', () => {
  it('are printed with the share that they encode, or the mistake in the encoding', async () => {
    const root = join(scratch('needed'), 'target')
    await createdTarget(root, { workloads: 1, vms: 1, disks: 1, snapshots: 2 })
    const { images, text } = await assessTargets([root])
    assert.match(text, /was the mount path of 10\.10\.2\.20:\/upstream \(rule share\)\n {4}1 image needs it/)
    const [full, top] = images.toSorted((a, b) => a.links - b.links)
    assert.ok(full && top)
    const name = (origin: string) => writeFileSync(join(root, top.path), imageOf(`${origin}/${full.path}`))
    name('/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0K')
    const { text: typed } = await assessTargets([root])
    assert.match(
      typed.replaceAll(/\s+/g, ' '),
      /10\.10\.2\.20:\/upstream was encoded with a trailing newline \(echo without -n\)/,
    )
    name('/mnt/aDovYWI/L2V4cA==')
    assert.match(
      (await assessTargets([root])).text,
      /was the mount path of h:\/ab\?\/exp \(rule share\), or \*:\/exp\n {4}1 /,
    )
    name('/srv/plain')
    assert.match((await assessTargets([root])).text, /was not a mount path of the product\n {4}1 /)
  })
})

describe('unreadable and missing records', () => {
  const folder = scratch('records')
  const pristine = join(folder, 'pristine')
  let nth = 0

  before(() => createdTarget(pristine, { workloads: 1, vms: 1, disks: 2, snapshots: 3, networks: true }))

  const findings = async (change: (workload: string, snapshots: readonly string[]) => void) => {
    const root = join(folder, `copy-${++nth}`)
    cpSync(pristine, root, { recursive: true })
    const workload = join(root, readdirSync(root).find((name) => name.startsWith('workload_')) ?? '')
    const snapshots = readdirSync(workload).filter((name) => name.startsWith('snapshot_'))
    change(
      workload,
      snapshots.map((name) => join(workload, name)),
    )
    const { summary } = await assessTargets([root])
    return [summary.exitCode, ...summary.findings.map(({ code, count }) => `${code} ${count}`)]
  }

  it('are found for the VMs of a workload and of its snapshots', async () => {
    assert.deepEqual(await findings((workload) => writeFileSync(join(workload, 'workload_vms_db'), '{broken')), [
      3,
      'unreadable-record 1',
    ])
    assert.deepEqual(await findings((workload) => rmSync(join(workload, 'workload_vms_db'))), [3, 'missing-record 1'])
    const all = await findings((_, snapshots) => {
      for (const snapshot of snapshots) rmSync(join(snapshot, 'snapshot_vms_db'))
    })
    assert.deepEqual(all, [3, 'missing-record 3'])
  })

  it('that restores do not depend on are reported, and leave the exit code 0', async () => {
    const { summary: whole } = await assessTargets([pristine])
    assert.deepEqual([whole.exitCode, whole.findings], [0, []])
    const root = join(folder, 'minor')
    cpSync(pristine, root, { recursive: true })
    const minor = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /\/(network|security_group|settings)_db$/.test(path),
    )
    assert.equal(minor.length, 3 + 3 + 1)
    for (const path of minor) writeFileSync(join(root, path), '[{"id": "x",\n  oops}]')
    const { summary } = await assessTargets([root])
    const [found, ...others] = summary.findings
    assert.deepEqual(
      [found?.code, found?.severity, found?.count, others],
      ['unreadable-minor-record', 'warning', 7, []],
    )
    assert.match(
      found?.examples.map(({ where, message }) => `${where} ${message}`).join('\n') ?? '',
      /^[-\da-f]{36}\/settings_db:2:3 not JSON|security_group_db:2:3 not JSON/m,
    )
    assert.deepEqual([summary.exitCode, summary.totals, summary.workloads], [0, whole.totals, whole.workloads])
    // An assessment of one VM does not list a workload without it.
    const { vmId } = (await assessTargets([root])).images[0] ?? {}
    assert.ok(vmId)
    const { summary: ofNone } = await assessTargets([root], { vm: 'nosuch' })
    assert.deepEqual([ofNone.totals.workloads, ofNone.totals.skipped], [0, 1])
  })

  it('keep a snapshot from being the newest restorable one', async () => {
    const { images } = await assessTargets([pristine])
    const newest = images.find(({ links, device }) => links === 3 && device === 'vdb')
    assert.ok(newest)
    const root = join(folder, 'without')
    cpSync(pristine, root, { recursive: true })
    const disk = join(root, newest.path, '..')
    rmSync(disk, { recursive: true })
    rmSync(join(disk, '../..', 'resources_db'))
    const { summary } = await assessTargets([root])
    assert.notEqual(summary.workloads[0]?.newestAfterRecovery?.snapshotId, newest.snapshotId)
    // The sizes in snapshot_db show that images are missing.
    const codes = summary.findings.map(({ code }) => code)
    assert.deepEqual([summary.exitCode, codes], [3, ['missing-record', 'record-disagrees']])
  })

  it('are reported for a workload in error', async () => {
    const found = await findings((workload) => {
      const file = join(workload, 'workload_db')
      writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), status: 'error' }))
    })
    assert.deepEqual(found, [0, 'workload-not-available 1'])
  })
})
