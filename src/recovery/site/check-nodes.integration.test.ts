import assert from 'node:assert/strict'
import { mkdirSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, it } from 'node:test'
import { checkNodes } from './check-nodes.ts'
import { makePlan } from './make-plan.ts'
import { skip, usePrivateSite } from './private-site.fixture.ts'
import { isDone } from './recovery-plan.ts'
import type { SiteHosts, SiteNode } from './site-hosts.ts'

describe('checkNodes', { skip }, () => {
  const site = usePrivateSite()
  const { data, local, origin } = site

  it('names the node that has another share at the right path, or no readable one', async () => {
    await site.recover(site.nodes, 'none')
    const { plan: made } = await site.plan()
    const wrongAt = async (nodes: readonly SiteNode[], listedBy: string) =>
      (await checkNodes(site.hosts(nodes), { ...made, listedBy }, site.signal)).flatMap(
        ({ where, path, state, why }) => (state === 'resolves' ? [] : [[where, path, state, why]]),
      )
    assert.deepEqual(await wrongAt(site.nodes, 'a/appliance'), [])
    const newest = `${local}/${site.image(2)}`
    await site.nodes[1]?.output(`cp -a "$1" /run/other; umount "$2" "$1"; touch -d @1 "/run/other/${site.image(2)}"
      mount --bind /run/other "$1"; mount --bind "$1" "$2"`)
    const why = (than: string) => `it is not the share that ${than} has: ${newest} differs`
    assert.deepEqual(await wrongAt(site.nodes, 'a/appliance'), [['a/compute-1', local, 'wrong', why('a/appliance')]])
    // The node that listed the images may be the one that has another share now.
    assert.deepEqual(await wrongAt(site.nodes, 'a/compute-1'), [['a/compute-1', local, 'wrong', why('a/appliance')]])
    await site.nodes[1]?.output('rm -r /run/other/*')
    const empty = (path: string) => `${path} is empty: not one of 2 expected images is there`
    assert.deepEqual(await wrongAt(site.nodes.slice(0, 2), 'a/compute-1'), [
      ['a/compute-1', local, 'missing', empty(local)],
      ['a/compute-1', origin, 'missing', empty(origin)],
    ])
    await site.nodes[1]?.output('chmod 700 /run/other; chown 0:0 /run/other')
    const closed = (path: string) => `the product's user is not permitted to read ${path} (EACCES)`
    assert.deepEqual(await wrongAt(site.nodes, 'a/compute-1'), [
      ['a/compute-1', local, 'unreadable', closed(local)],
      ['a/compute-1', origin, 'unreadable', closed(origin)],
    ])
  })

  it('names nodes whose share the product’s user cannot read', async () => {
    await site.recover(site.nodes, 'none')
    const { plan: made } = await site.plan()
    const workload = `${data}/${site.image(0).split('/')[0]}`
    const [before, files] = [statSync(workload).mode, `find ${workload} -type f`]
    const sharesOf = async () =>
      (await checkNodes(site.hosts(), made, site.signal))
        .filter(({ path }) => path === local)
        .map(({ state, reason }) => [state, reason])
    for (const [closes, opens] of [
      [`chmod 0 ${workload}`, `chmod ${(before & 0o777).toString(8)} ${workload}`],
      [`${files} -exec chmod 0 {} +`, `${files} -exec chmod 644 {} +`],
    ] as const) {
      await site.nodes[0]?.output(closes)
      try {
        assert.deepEqual(await sharesOf(), Array(3).fill(['unreadable', 'permission denied']))
      } finally {
        await site.nodes[0]?.output(opens)
      }
    }
  })

  it('does not take a file that a node cannot read for another one', async (context) => {
    await site.recover(site.nodes, 'none')
    const { plan: made } = await site.plan()
    const closed = `${data}/workload_0`
    mkdirSync(closed, { mode: 0 })
    context.after(() => rmSync(closed, { recursive: true }))
    await site.nodes[1]?.output('cp -a "$1" /run/copy; umount "$1"; mount --bind /run/copy "$1"')
    const share = async () => {
      const all = await checkNodes(site.hosts(), made, site.signal)
      const { state, why } = all.find(({ where, path }) => where === 'a/compute-1' && path === local) ?? assert.fail()
      return [state, why]
    }
    const newest = dirname(dirname(dirname(`/run/copy/${site.image(2)}`)))
    assert.deepEqual(await share(), ['resolves', undefined])
    await site.nodes[1]?.output(`find ${newest} -type f -exec chmod 0 {} +`)
    const [state, why] = await share()
    assert.equal(state, 'unknown')
    assert.match(`${why}`, /image-2 \(EACCES\)$/)
  })

  it('reports a node without the share also if no origin path is needed', async () => {
    for (const node of site.nodes)
      await node.output('mkdir "$2"; mount --bind "$1" "$2"; for p in "$1" "$2"; do mountpoint -q "$p"; done')
    await site.nodes[1]?.output('umount "$2" "$1"')
    const there: SiteHosts = { ...site.hosts(), targets: [origin] }
    const { plan: nothing } = await makePlan(there, {
      strategy: 'bind-mount',
      persist: false,
      nowMs: 0,
      signal: site.signal,
    })
    assert.deepEqual(nothing.needs, [])
    assert.deepEqual(
      (await checkNodes(there, nothing, site.signal)).map(({ state }) => state),
      ['resolves', 'missing', 'resolves'],
    )
    assert.equal(isDone(nothing), false)
    assert.equal(isDone({ ...nothing, nodes: nothing.nodes.filter(({ where }) => where !== 'a/compute-1') }), true)
    assert.match(nothing.nodes[1]?.refusals[0]?.why ?? '', /nothing is mounted at/)
  })
})
