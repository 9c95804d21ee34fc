import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { describe, it } from 'node:test'
import { checkNodes } from './check-nodes.ts'
import { skip, statesOf, usePrivateSite } from './private-site.fixture.ts'

describe('a site whose binds must last over reboots', { skip }, () => {
  const site = usePrivateSite()
  const { local, origin } = site
  const check = async () => {
    const { plan } = await site.plan()
    return (await checkNodes(site.hosts(), plan, site.signal)).filter(({ path }) => path === origin)
  }
  /** Replaces the lines of fstab for the origin path of a node. `LOCAL` and `ORIGIN` are the paths. */
  const write = (node: number, lines: string) => {
    const text = lines.replaceAll('LOCAL', local).replaceAll('ORIGIN', origin)
    return site.nodes[node]?.output(
      `grep -v -e '${origin}' -e dr-drill /etc/fstab >/etc/new || :; printf '%s\\n' '${text}' >>/etc/new; cat /etc/new >/etc/fstab; rm /etc/new`,
    )
  }

  it('is not done on nodes whose fstab has no line that binds at boot, and adds one there', async () => {
    await site.recover(site.nodes, 'none')
    assert.deepEqual(
      (await check()).map(({ state, why }) => [state, why]),
      [0, 1, 2].map(() => ['resolves', undefined]),
    )
    await write(0, 'LOCAL ORIGIN none bind,noauto 0 0')
    await write(1, '#LOCAL ORIGIN none bind 0 0')
    await write(2, 'LOCAL/ ORIGIN// none rbind 0 0')
    const { plan } = await site.plan()
    assert.deepEqual(
      plan.nodes.map(({ actions }) => actions.map(({ kind }) => kind)),
      [['persist'], ['persist'], []],
    )
    assert.match(`${plan.nodes[0]?.notes}`, /binds nothing at boot: it has the option noauto/)
    assert.deepEqual(
      (await check()).map(({ state, why }) => [state, why?.replace(/^line \d+/, 'line N')]),
      [
        ['not kept', 'line N of /etc/fstab binds nothing at boot: it has the option noauto'],
        ['not kept', 'no line of /etc/fstab binds it at boot'],
        ['resolves', undefined],
      ],
    )
    assert.deepEqual(statesOf(await site.recover(site.nodes, 'none')), ['recovered', 'recovered', 'recovered'])
    assert.deepEqual(
      (await check()).map(({ state }) => state),
      ['resolves', 'resolves', 'resolves'],
    )
    // mount -a proves it, on nodes whose binds are gone as after a boot. No server is there to mount from.
    for (const node of site.nodes.slice(0, 2))
      await node.output('umount "$2"; mount -a -t nonfs || :; [ "$(stat -c %d:%i "$1")" = "$(stat -c %d:%i "$2")" ]')
  })

  it('warns of the line of the procedure where systemd boots, and refuses a second line there', {
    skip: !existsSync('/usr/lib/systemd/system-generators/systemd-fstab-generator') && 'systemd is not installed',
  }, async () => {
    await site.recover(site.nodes, 'none')
    for (const node of site.nodes) await node.output('mkdir -p /run/systemd/system')
    await write(0, 'LOCAL ORIGIN none bind 0 0')
    await write(1, 'LOCAL ORIGIN none bind,noauto 0 0')
    const { plan } = await site.plan()
    assert.deepEqual(
      plan.nodes.map(({ actions, refusals }) => [actions.length, refusals.length]),
      [
        [0, 0],
        [0, 1],
        [0, 0],
      ],
    )
    assert.match(`${plan.nodes[0]?.notes}`, /is required by the boot.*emergency mode/)
    assert.match(`${plan.nodes[1]?.refusals[0]?.why}`, /noauto, and systemd ignores a second line/)
    const [bare, dead, ours] = await check()
    assert.deepEqual([bare?.state, dead?.state, ours?.state], ['resolves', 'not kept', 'resolves'])
    assert.match(`${bare?.why}`, /emergency mode/)
    // As the remedy says.
    await write(1, `${plan.nodes[1]?.refusals[0]?.remedy.split('\n')[1]}`)
    assert.deepEqual((await site.plan()).plan.nodes[1]?.refusals, [])
    assert.equal((await check())[1]?.state, 'resolves')
  })
})
