import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { moments } from '../../sampled.fixture.ts'
import type { Shell } from '../../shell/shell.ts'
import { lostParentsSentence } from '../images/origin-needs.ts'
import { checkNodes } from './check-nodes.ts'
import { planScript } from './plan-script.ts'
import { FailingShell, PrivateNode, skip, statesOf, usePrivateSite } from './private-site.fixture.ts'
import { recover } from './recover.ts'
import { isDone } from './recovery-plan.ts'
import type { SiteNode } from './site-hosts.ts'
import { undo } from './undo.ts'

describe('recovery of a site', { skip }, () => {
  const site = usePrivateSite()
  const { data, local, origin } = site

  it('restores on every node, leaves nothing to do, and is undone without a trace', async () => {
    const before = await site.states()
    assert.deepEqual(
      (await checkNodes(site.hosts(), (await site.plan()).plan, site.signal)).map(({ path, state }) => [path, state]),
      Array(3)
        .fill([
          [local, 'resolves'],
          [origin, 'missing'],
        ])
        .flat(),
    )
    const results = await site.recover()
    assert.deepEqual(
      results.map(({ state, done, verdict }) => [state, done, verdict?.read]),
      Array(3).fill(['recovered', 3, 3]),
    )
    const { plan: again } = await site.plan()
    assert.deepEqual(
      again.nodes.flatMap(({ actions }) => actions),
      [],
    )
    assert.ok((await checkNodes(site.hosts(), again, site.signal)).every(({ state }) => state === 'resolves'))
    const undone = await undo(site.hosts(), site.options())
    assert.deepEqual(statesOf(undone), ['undone', 'undone', 'undone'])
    assert.deepEqual(await site.states(), before)
    assert.deepEqual(await undo(site.hosts(), site.options()), [])
  })

  it('can be finished and undone, wherever the connection was lost', async () => {
    const [node, ...others] = site.nodes
    assert.ok(node)
    const before = await node.state()
    const counted = new FailingShell(node.shell, Number.POSITIVE_INFINITY, false)
    const failing = async (shell: Shell) => await site.recover([{ where: node.where, shell }, ...others], 'none')
    assert.deepEqual(statesOf(await failing(counted)), ['recovered', 'recovered', 'recovered'])
    await undo(site.hosts(), site.options())
    assert.ok(counted.commands >= 6)
    for (const nth of moments(2 * counted.commands)) {
      const [at, isAfter] = [Math.ceil(nth / 2), nth % 2 === 0]
      const moment = `${isAfter ? 'after' : 'at'} command ${at}`
      const state = statesOf(await failing(new FailingShell(node.shell, at, isAfter)))
      // The last command only releases the lock.
      if (at < counted.commands) assert.deepEqual(state, ['unknown', 'recovered', 'recovered'], moment)
      await node.output('rm -rf /run/dr-drill-recovery')
      if (isAfter)
        assert.deepEqual(statesOf(await site.recover(site.nodes, 'sample')), Array(3).fill('recovered'), moment)
      const undone = statesOf(await undo(site.hosts(), site.options()))
      assert.ok(
        undone.every((one) => one === 'undone'),
        moment,
      )
      assert.equal(await node.state(), before, moment)
    }
  })

  it('recovers the other nodes if one has something else at the origin path', async () => {
    await site.nodes[1]?.output('mkdir "$2"; mount -t tmpfs none "$2"')
    const results = await site.recover()
    assert.deepEqual(statesOf(results), ['recovered', 'failed', 'recovered'])
    assert.match(results[1]?.why ?? '', /is already mounted at/)
    // A chain that needs no origin path restores there too.
    assert.deepEqual(
      results.map(({ verdict }) => verdict?.read),
      [3, 1, 3],
    )
  })

  it('does not pass a node whose service sees something else or cannot be entered', async () => {
    const [first, second, third] = site.nodes
    assert.ok(first && second && third)
    await using container = await PrivateNode.start('container', site)
    const blind = { where: first.where, shell: first.shell, service: async () => container.shell }
    const closed = {
      where: second.where,
      shell: second.shell,
      service: () => Promise.reject(new Error('no container')),
    }
    const results = await site.recover([blind, closed, third])
    assert.deepEqual(statesOf(results), ['failed', 'unknown', 'recovered'])
    assert.match(results[0]?.why ?? '', /No such file/)
    assert.equal(results[1]?.why, 'no container')
    const resolutions = await checkNodes(site.hosts([blind, closed, third]), (await site.plan()).plan, site.signal)
    assert.deepEqual(
      resolutions.map(({ state }) => state),
      ['resolves', 'missing', 'unknown', 'unknown', 'resolves', 'resolves'],
    )
  })

  it('fails for data that can be read and differs from the target', async () => {
    const planned = await site.plan()
    await site.nodes[2]?.output(`mkdir "$2"; mount -t tmpfs none "$2"; cp -a "$1"/. "$2"
      qemu-io -c 'write -P 9 512k 64k' "$2/${site.image(0)}" >/dev/null`)
    const { plan: now, images } = planned
    const nothing = { ...now, nodes: now.nodes.map((node) => ({ ...node, actions: [] })) }
    const results = await recover(site.hosts(site.nodes.slice(2)), nothing, images, site.options())
    assert.match(results[0]?.why ?? '', /its content differs from what the target holds/)
  })

  it('fails on a node with another share at the right path, with images of the same names', async () => {
    await site.nodes[2]?.output(`cp -a "$1" /run/other; umount "$1"
      qemu-io -c 'write -P 9 512k 64k' "/run/other/${site.image(0)}" >/dev/null; mount --bind /run/other "$1"`)
    const results = await site.recover()
    assert.deepEqual(statesOf(results), ['recovered', 'recovered', 'failed'])
    assert.match(results[2]?.why ?? '', /image-0 is another file on a\/appliance \(and 2 more\)/)
  })

  it('passes neither images that it cannot read, nor parents that no target holds', async () => {
    const disk = site.otherDisk()
    const outcome = async () => {
      const { plan: made, images } = await site.plan()
      const checked = await checkNodes(site.hosts(), made, site.signal)
      const [first] = await recover(site.hosts(), made, images, site.options('sample'))
      await undo(site.hosts(), site.options())
      return [made.unread.length, made.broken, isDone(made), checked.at(-1)?.state, first?.state, first?.why]
    }
    try {
      writeFileSync(`${disk}/.nfs0001`, 'left by NFS')
      writeFileSync(`${disk}/image`, 'garbage')
      const why = `not all images could be read: ${disk.replace(data, local)}/image: not a qcow2 image`
      assert.deepEqual(await outcome(), [1, [], false, 'unknown', 'unknown', why])
      execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', `${disk}/image`, '1M'])
      execFileSync('qemu-img', ['rebase', '-u', '-F', 'qcow2', '-b', `${origin}/workload_9/gone`, `${disk}/image`])
      site.chown()
      const broken = { origin, images: 1 }
      assert.deepEqual(await outcome(), [0, [broken], false, 'missing', 'failed', lostParentsSentence(broken)])
    } finally {
      site.removeOtherDisk()
    }
  })

  it('changes nothing while another recovery holds the lock of a node', async () => {
    await site.recover(site.nodes.slice(0, 1), 'none')
    const theirs = 'mkdir /run/dr-drill-recovery; echo theirs >/run/dr-drill-recovery/owner'
    await site.nodes[2]?.output(theirs)
    const before = await site.states()
    await assert.rejects(
      site.recover(),
      /compute-2: another recovery holds the lock there, and whether it still runs cannot be seen from here: theirs/,
    )
    assert.deepEqual(await site.states(), before)
    await site.nodes[0]?.output(theirs)
    await assert.rejects(undo(site.hosts(), site.options()), /appliance: another recovery holds the lock there/)
  })

  it('locks every node until the last chain was read', async () => {
    const seen: string[] = []
    const watched = site.nodes.map((node): SiteNode => {
      const look = async () => {
        seen.push(await node.output('ls -d /run/dr-drill-*'))
        return node.shell
      }
      return { where: node.where, shell: node.shell, service: look }
    })
    assert.deepEqual(statesOf(await site.recover(watched)), Array(3).fill('recovered'))
    // Once to read the expected images, and once to read chains.
    assert.deepEqual(seen, Array(6).fill('/run/dr-drill-recovery\n'))
    assert.doesNotMatch((await site.nodes[0]?.output('ls /run')) ?? '', /dr-drill/)
  })

  it('rebases by recovering and as a script, with the same result, and is undone', async () => {
    const planned = await site.plan(site.nodes, 'rebase')
    const names = async () =>
      await site.nodes[0]?.output(
        `for i in 1 2; do qemu-img info "$1"/*/snapshot_$i/*/*/*; done | grep 'backing file:'`,
      )
    const before = await names()
    assert.deepEqual(
      statesOf(await recover(site.hosts(), planned.plan, planned.images, site.options())),
      Array(3).fill('recovered'),
    )
    const rebased = await names()
    assert.ok(rebased?.includes(local) && !rebased.includes(origin))
    await undo(site.hosts(), site.options())
    assert.equal(await names(), before)
    const script = planScript(planned.plan)
    const runScript = async () => await site.nodes[0]?.shell.run({ script, args: ['a/appliance'] })
    for (const _ of ['once', 'again']) await runScript()
    assert.equal(await names(), rebased)
    const record = await recover(site.hosts(), planned.plan, planned.images, site.options())
    assert.deepEqual(statesOf(record), Array(3).fill('recovered'))
    await undo(site.hosts(), site.options())
    assert.equal(await names(), before)
  })
})
