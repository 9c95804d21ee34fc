import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { ReasonKind } from '../../reason/reason.ts'
import type { Shell } from '../../shell/shell.ts'
import { checkAnew } from './check-anew.ts'
import { checkNodes } from './check-nodes.ts'
import { FuseMount } from './fuse-mount.fixture.ts'
import { PrivateNode, skip, statesOf, usePrivateSite, user } from './private-site.fixture.ts'
import { recover } from './recover.ts'
import type { RecoveryPlan } from './recovery-plan.ts'
import type { SiteNode } from './site-hosts.ts'

const noFuse = !existsSync('/dev/fuse') && 'needs /dev/fuse'

describe('paths are proven by their files', { skip }, () => {
  const site = usePrivateSite()
  const { data, local, origin } = site
  const [oldest, newest] = [site.image(0), site.image(2)]

  let made: { readonly plan: RecoveryPlan; readonly fstab: string } | undefined
  /**
   * The second node, which has what a test is about, and a plan of all nodes. The first test recovers them. The others bind
   * that node as the recovery did, and take the same plan.
   */
  async function prepared(): Promise<{ node: PrivateNode; plan: RecoveryPlan }> {
    const [, node] = site.nodes
    assert.ok(node)
    if (made === undefined) {
      await site.recover(site.nodes, 'none')
      made = { plan: (await site.plan()).plan, fstab: await node.output('cat /etc/fstab') }
    } else {
      await node.shell.run(['tee', '/etc/fstab'], { stdin: made.fstab })
      await node.output(`mkdir "$2"; ${rebind}`)
    }
    return { node, plan: made.plan }
  }

  async function findings(plan: RecoveryPlan, node: SiteNode): Promise<readonly (readonly [string, ReasonKind?])[]> {
    const checked = await checkNodes(site.hosts([node]), plan, site.signal)
    assert.ok(checked.every(({ state, why }) => state === 'resolves' || (why ?? '') !== ''))
    return checked.map(({ state, reason }) => (reason === undefined ? [state] : [state, reason]))
  }

  const both = (state: string, reason: ReasonKind) => [
    [state, reason],
    [state, reason],
  ]
  const rebind = 'mount --bind "$1" "$2"'
  const copy = `mkdir /run/other; cp -a "$1"/. /run/other; umount "$2"`
  const cases: readonly [what: string, script: string, findings: readonly (readonly string[])[]][] = [
    ['a bind in place', 'true', [['resolves'], ['resolves']]],
    [
      'an empty mount at the local path, bound',
      `umount "$2" "$1"; mount -t tmpfs none "$1"; ${rebind}`,
      [
        ['missing', 'image missing'],
        ['missing', 'origin path empty'],
      ],
    ],
    [
      'an empty mount over the origin path',
      'mount -t tmpfs none "$2"',
      [['resolves'], ['missing', 'origin path empty']],
    ],
    [
      'an unmounted share below a bind that still shows it',
      'umount "$1"',
      [
        ['missing', 'image missing'],
        ['missing', 'image missing'],
      ],
    ],
    [
      'another target with the same names',
      `${copy}; umount "$1"; for i in 0 1 2; do qemu-img create -q -f qcow2 /run/other/*/snapshot_$i/*/*/* 2M; done
       chown -R ${user.uid}:${user.gid} /run/other; mount --bind /run/other "$1"; ${rebind}`,
      both('wrong', 'another target'),
    ],
    [
      'another target with other workloads',
      `${copy}; umount "$1"; mv /run/other/workload_* /run/other/workload_of_others; mount --bind /run/other "$1"; ${rebind}`,
      both('wrong', 'another target'),
    ],
    ['a copy at the origin path', `${copy}; mount --bind /run/other "$2"`, [['resolves'], ['wrong', 'another target']]],
    [
      'a folder of the target',
      'umount "$2"; mount --bind "$1"/workload_* "$2"',
      [['resolves'], ['wrong', 'another target']],
    ],
    [
      'a share that is closed by its mode',
      `${copy}; umount "$1"; chown 0:0 /run/other; chmod 700 /run/other; mount --bind /run/other "$1"; ${rebind}`,
      both('unreadable', 'permission denied'),
    ],
    ['nothing at the origin path', 'umount "$2"; rmdir "$2"', [['resolves'], ['missing', 'origin path missing']]],
    [
      'a file at the origin path',
      'umount "$2"; rmdir "$2"; : >"$2"',
      [['resolves'], ['missing', 'origin path not a directory']],
    ],
  ]
  for (const [what, script, expected] of cases)
    it(`with ${what}: ${expected.map((one) => one.join(', ')).join('; ')}`, async () => {
      const { node, plan } = await prepared()
      await node.output(script)
      assert.deepEqual(await findings(plan, node), expected)
    })

  it('with files in place of an image: wrong, whatever kind they are', async () => {
    const { node, plan } = await prepared()
    await node.output(`${copy}; umount "$1"; mount --bind /run/other "$1"; ${rebind}`)
    for (const make of ['mkfifo "$0"', 'ln -s image-1 "$0"', 'mkdir "$0"']) {
      await node.output(`rm -rf "$1/${newest}"; ${make.replace('$0', `$1/${newest}`)}`)
      assert.deepEqual(await findings(plan, node), [['wrong', 'not qcow2'], ['resolves']])
    }
  })

  it('with images that retention removed: named, and resolved as long as the newest is there', async () => {
    execFileSync('find', [data, '-type', 'f', '-exec', 'touch', '-d', '2 days ago', '{}', '+'])
    made = undefined
    const { node, plan } = await prepared()
    await node.output(`${copy}; umount "$1"; mount --bind /run/other "$1"; ${rebind}; rm "$1/${oldest}"`)
    const checked = await checkNodes(site.hosts([node]), plan, site.signal)
    assert.deepEqual(
      checked.map(({ state }) => state),
      ['resolves', 'resolves'],
    )
    assert.match(checked[0]?.why ?? '', new RegExp(`1 of 2 expected images gone .*${oldest}`))
    await node.output(`cp -a "${data}/${oldest}" "$1/${oldest}"; rm "$1/${newest}"`)
    assert.deepEqual(await findings(plan, node), [['unknown', 'image missing'], ['resolves']])
    // Its other nodes have what this one lacks.
    const everywhere = await checkNodes(site.hosts(), plan, site.signal)
    assert.equal(everywhere.find(({ where, path }) => where === node.where && path === local)?.state, 'unknown')
  })

  it('with an access list that modes do not show: denied by policy', async () => {
    const { node, plan } = await prepared()
    const deny = `import os, struct
entries = [(1, 7, -1), (2, 0, ${user.uid}), (4, 5, -1), (16, 7, -1), (32, 5, -1)]
os.setxattr("PATH", "system.posix_acl_access", struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *one) for one in entries))`
    await node.output(`${copy}; umount "$1"; chown 0:0 /run/other; mount --bind /run/other "$1"; ${rebind}
      python3 -c '${deny.replace('PATH', '/run/other')}'`)
    assert.deepEqual(await findings(plan, node), both('unreadable', 'denied by policy'))
  })

  it('with a file system whose process has ended: not connected', { skip: noFuse }, async () => {
    const { node, plan } = await prepared()
    await node.output('umount "$2" "$1"')
    const mount = await FuseMount.on(node, local)
    await node.output('mount --bind "$1" "$2"').catch(() => {})
    await mount.end()
    const [target] = await findings(plan, node)
    assert.deepEqual(target, ['unreadable', 'not connected'])
  })

  it('with a path that hangs: not answering, and the other paths are judged', { skip: noFuse }, async () => {
    const { node, plan } = await prepared()
    await node.output('umount "$2"')
    await using _mount = await FuseMount.on(node, origin)
    assert.deepEqual(await findings(plan, node), [['resolves'], ['unreadable', 'not answering']])
  })

  it('with another view of the service: what it does not see is missing there', async () => {
    const { node, plan } = await prepared()
    await using container = await PrivateNode.start('container', site)
    await container.output('umount "$1"; mount -t tmpfs none "$1"')
    const blind = { where: node.where, shell: node.shell, service: async () => container.shell }
    const checked = await checkNodes(site.hosts([blind]), plan, site.signal)
    assert.deepEqual(
      checked.map(({ state, reason }) => [state, reason]),
      [
        ['missing', 'image missing'],
        ['missing', 'origin path missing'],
      ],
    )
    for (const { why } of checked) assert.match(why ?? '', /^the host sees it, but the product's service does not: /)
  })

  it('with a look that prints garbage, or is ended: unknown, in one sentence', async () => {
    const { node, plan } = await prepared()
    const disturbed = (change: (stdout: string) => string, ended: 'exited' | 'signaled' = 'exited'): SiteNode => {
      const attempt: Shell['try'] = async (command, options) => {
        const result = await node.shell.try(command, options)
        if (options?.user === undefined) return result
        return { ...result, stdout: change(result.stdout), ended, exitCode: ended === 'exited' ? 0 : null }
      }
      return { where: node.where, shell: { ...node.shell, try: attempt } }
    }
    for (const broken of [
      disturbed(() => 'Welcome!\n{"path": garbage\n'),
      disturbed((stdout) => stdout.slice(0, stdout.length / 3), 'signaled'),
      disturbed(() => '', 'signaled'),
    ]) {
      const checked = await checkNodes(site.hosts([broken]), plan, site.signal)
      assert.ok(checked.length > 0)
      for (const { state, why } of checked) {
        assert.equal(state, 'unknown')
        assert.doesNotMatch(why ?? '', /Traceback|SyntaxError|Unexpected token/)
      }
    }
    const noisy = disturbed((stdout) => `Last login: today\n{ not ours\n${stdout}`)
    assert.deepEqual(await findings(plan, noisy), [['resolves'], ['resolves']])
  })

  it('with another target on the node that lists the images: that node has the odd one', async () => {
    await site.recover(site.nodes, 'none')
    await site.nodes[0]?.output(
      `${copy}; umount "$1"; mv /run/other/workload_* /run/other/workload_of_others; mount --bind /run/other "$1"; ${rebind}`,
    )
    const checked = await checkAnew(site.hosts(), { signal: site.signal })
    assert.deepEqual(
      checked.filter(({ path }) => path === local).map(({ state, reason }) => [state, reason]),
      [
        ['wrong', 'another target'],
        ['resolves', undefined],
        ['resolves', undefined],
      ],
    )
  })

  it('so a plan refuses a bind in place that shows other files, and has nothing to do on no such node', async () => {
    const { node } = await prepared()
    await node.output(`${copy}; mount --bind /run/other "$1"; ${rebind}; rm -r /run/other/*`)
    const { plan } = await site.plan()
    const planned = plan.nodes.find(({ where }) => where === node.where)
    assert.deepEqual(planned?.actions, [])
    assert.match(
      planned?.refusals.map(({ why }) => why).join() ?? '',
      /is empty: not one of 2 expected images is there/,
    )
  })

  it('so a node is not recovered without a proof, also if no chain is read', async () => {
    const { plan, images } = await site.plan()
    const [first, second, third] = site.nodes
    assert.ok(first && second && third)
    await using container = await PrivateNode.start('container', site)
    const blind = { where: second.where, shell: second.shell, service: async () => container.shell }
    const results = await recover(site.hosts([first, blind, third]), plan, images, site.options('none'))
    assert.deepEqual(statesOf(results), ['recovered', 'failed', 'recovered'])
    assert.match(results[1]?.why ?? '', /the product's service does not: .* does not exist/)
  })
})
