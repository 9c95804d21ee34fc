import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { plainStyle } from '../../text/style.ts'
import { describePlan } from './describe-plan.ts'
import { makePlan } from './make-plan.ts'
import { planDifferences } from './plan-differences.ts'
import { loadPlan, savePlan } from './plan-file.ts'
import { planScript } from './plan-script.ts'
import { skip, usePrivateSite } from './private-site.fixture.ts'

const wide = { ...plainStyle, columns: 500 }

describe('plan of a site', { skip }, () => {
  const site = usePrivateSite()
  const { folder } = site

  it('is refused if it was modified, and reports what has changed on a node since', async () => {
    const { plan: made } = await site.plan()
    const file = join(folder, 'plan.json')
    savePlan(file, made)
    assert.deepEqual(loadPlan(file), made)
    assert.deepEqual(planDifferences(made, await site.plan()), [])
    await site.nodes[1]?.output('mkdir "$2"; : >"$2/file"')
    assert.match(
      planDifferences(made, await site.plan()).join(),
      /compute-1: .*origin: was .*"missing".*, is .*"directory"/,
    )
    writeFileSync(file, readFileSync(file, 'utf8').replace('"bind-mount"', '"rebase"'))
    assert.throws(() => loadPlan(file), /was modified after it was created \(digest mismatch\)/)
    for (const text of ['', '{}', 'null', '[1]', '{"format":"dr-drill recovery plan 2"}']) {
      writeFileSync(file, text)
      assert.throws(() => loadPlan(file), /is not a plan|cannot read the plan/, text)
    }
  })

  it('is a script that does the same on every node, and can be run again', async () => {
    const text = planScript((await site.plan()).plan)
    for (const node of [...site.nodes, ...site.nodes]) await node.shell.run({ script: text })
    const { plan: again } = await site.plan()
    assert.deepEqual(
      again.nodes.flatMap(({ actions, refusals }) => [...actions, ...refusals]),
      [],
    )
    assert.match(planScript(again), /# nothing to do/)
  })

  it('is a script that takes the name of a node if nodes differ', async () => {
    await site.nodes[1]?.output('mkdir "$2"; : >"$2/file"')
    const script = planScript((await site.plan()).plan)
    const codes: (number | null)[] = []
    for (const node of site.nodes) codes.push((await node.shell.try({ script, args: [node.where] })).exitCode)
    assert.deepEqual(codes, [0, 1, 0])
    assert.equal((await site.nodes[0]?.shell.try({ script }))?.exitCode, 2)
  })

  it('refuses to rebase images that cannot be written: on a read-only share, or as another user', async () => {
    const request = { strategy: 'rebase', persist: false, nowMs: Date.now(), signal: site.signal } as const
    const refusals = (why: string) => [[why, why, 'no image is changed until all can be'], [why], [why]]
    const stranger = await makePlan({ ...site.hosts(), user: { uid: 1000, gid: 1000 } }, request)
    const whys = ({ plan: { nodes } }: typeof stranger) =>
      nodes.map(({ refusals }) => refusals.map(({ why }) => why.replace(/.*: /, '')))
    assert.deepEqual(whys(stranger), refusals('user 1000 has no permission to write to it'))
    assert.equal(stranger.plan.foreign, 3)
    await site.nodes[0]?.output('mount -o remount,bind,ro "$1"')
    const planned = await makePlan(site.hosts(), request)
    assert.deepEqual(whys(planned), refusals('the file system is mounted read-only'))
    assert.deepEqual([planned.plan.nodes.flatMap(({ actions }) => actions), planned.plan.foreign], [[], 0])
  })

  it('names a node whose qemu-img is too old for some images, with any strategy', async () => {
    const disk = site.otherDisk()
    try {
      for (const option of ['compression_type=zstd', 'extended_l2=on'])
        execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-o', option, `${disk}/${option}`, '1M'])
      site.chown()
      const { plan: well } = await site.plan()
      assert.deepEqual(well.formats, { 'compat=1.1': 5, zstd: 1, 'extended L2': 1 })
      assert.deepEqual(
        well.nodes.flatMap(({ refusals, notes }) => [...refusals, ...notes]),
        [],
      )
      // No old qemu-img is available here: this prints the version of one.
      await site.nodes[0]?.output(`printf '#!/bin/sh\necho "qemu-img version 4.2.1 (Debian 1:4.2-3ubuntu6.28)"\n' >/run/old
        chmod 755 /run/old; mount --bind /run/old "$(command -v qemu-img)"`)
      const { plan: made } = await site.plan()
      const whys = ['compression by zstd needs 5.1', 'subclusters needs 5.2'].map(
        (what) => `qemu-img 4.2.1 cannot open 1 of the images: ${what} or later`,
      )
      assert.deepEqual(
        made.nodes.map(({ refusals }) => refusals.map(({ why }) => why)),
        [whys, [], []],
      )
      assert.deepEqual(
        made.nodes.map(({ actions }) => actions.length),
        [3, 3, 3],
      )
      assert.match(
        describePlan(made, wide).join('\n'),
        /\nqemu-img 4\.2\.1 on a\/appliance; \d+\.\d+\.\d+ on a\/compute-1, a\/compute-2\n/,
      )
      const { plan: renaming } = await site.plan(site.nodes, 'rebase')
      assert.equal(renaming.nodes[0]?.refusals[0]?.why, `a/appliance: ${whys[0]}`)
      assert.deepEqual(
        renaming.nodes.flatMap(({ actions }) => actions),
        [],
      )
      assert.match(describePlan(renaming, wide).join('\n'), /a\/appliance\n +refused: .*qemu-img 4\.2\.1 cannot open 1/)
    } finally {
      site.removeOtherDisk()
    }
  })

  it('refuses a hostile name in an image on every node, with any strategy', async () => {
    const path = `${site.otherDisk()}/odd`
    try {
      for (const origin of [
        '/var/a/../../etc/L2E=',
        '/etc/cron.d/L2E=',
        '/var/a\nb/L2E=',
        `/var/${'a/'.repeat(400)}-rf`,
      ]) {
        execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', path, '1M'])
        execFileSync('qemu-img', ['rebase', '-u', '-F', 'qcow2', '-b', `${origin}/${site.image(0)}`, path])
        site.chown()
        const { plan: bind } = await site.plan()
        const refused = bind.nodes.map(({ refusals }) => refusals.map((one) => one.origin))
        assert.deepEqual(refused, Array(3).fill([origin]), origin)
        assert.ok(bind.nodes.every(({ actions }) => JSON.stringify(actions).includes(origin) === false))
        assert.doesNotThrow(() => planScript(bind))
        if (!origin.includes('..') && !origin.includes('\n')) continue
        const { plan: renaming } = await site.plan(site.nodes, 'rebase')
        assert.ok(
          renaming.nodes.every(({ actions, refusals }) => actions.length === 0 && refusals.length > 0),
          origin,
        )
      }
    } finally {
      site.removeOtherDisk()
    }
  })
})
