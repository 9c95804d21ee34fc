import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkNodes } from './check-nodes.ts'
import { describePlan } from './describe-plan.ts'
import { skip, statesOf, usePrivateSite } from './private-site.fixture.ts'
import { undo } from './undo.ts'

const style = { columns: 500, paint: (_: unknown, text: string) => text, mark: () => '' }

describe('binds that are stacked at an origin path of a site', { skip }, () => {
  const site = usePrivateSite()
  const { origin } = site
  const check = async () => {
    const { plan } = await site.plan()
    return (await checkNodes(site.hosts(), plan, site.signal)).filter(({ path }) => path === origin)
  }

  it('are reported by plan and check, and one of them is undone', async () => {
    await site.recover(site.nodes, 'none')
    await site.nodes[0]?.output('mount --bind "$1" "$2"; mount --bind "$1" "$2"')
    const said = `3 mounts are stacked at ${origin}: the share on top, below it the share, the share. One umount removes only the topmost`
    const { plan } = await site.plan()
    assert.deepEqual(
      plan.nodes.map(({ actions, notes }) => [actions, notes]),
      [
        [[], [said]],
        [[], []],
        [[], []],
      ],
    )
    assert.ok(describePlan(plan, style).join('\n').includes(`note: ${said}`))
    assert.deepEqual(
      (await check()).map(({ state, why }) => [state, why]),
      [
        ['resolves', said],
        ['resolves', undefined],
        ['resolves', undefined],
      ],
    )
    const [first, ...others] = await undo(site.hosts(), site.options())
    // The directory is a mount point still.
    assert.deepEqual(
      [first?.state, first?.why, ...statesOf(others)],
      ['failed', `something is mounted at ${origin}`, 'undone', 'undone'],
    )
    assert.equal(await site.nodes[0]?.output('ls -A "$1" | wc -l; findmnt -nro TARGET -M "$2" | wc -l'), '1\n2\n')
  })

  it('are a failure if the topmost shows something else, and the undo keeps what it cannot remove', async () => {
    await site.recover(site.nodes, 'none')
    await site.nodes[0]?.output(`mount --bind "$1/${site.image(0).split('/')[0]}" "$2"`)
    await site.nodes[1]?.output('mount -t tmpfs theirs "${2%/*}"; mkdir -p "$1"; mount --bind /run "$1"')
    const [part, hidden] = await check()
    assert.deepEqual([part?.state, hidden?.state], ['wrong', 'missing'])
    assert.match(part?.why ?? '', /2 mounts are stacked at .*: the folder .* on top, below it the share/)
    assert.match(hidden?.why ?? '', /hides what is mounted at/)
    const { plan } = await site.plan()
    assert.match(plan.nodes[0]?.refusals[0]?.why ?? '', /^the folder .*\. Below it: the share$/)
    assert.match(`${plan.nodes[1]?.refusals.map(({ why }) => why)}`, /hides what is mounted at/)
    const results = await undo(site.hosts(), site.options())
    assert.deepEqual(statesOf(results), ['failed', 'failed', 'undone'])
    assert.match(results[0]?.why ?? '', /is mounted on top of what was bound at/)
    assert.match(results[1]?.why ?? '', /hides what was bound at/)
    // What was in the way is gone: now it can be undone, and the local path has its files.
    await site.nodes[0]?.output('umount "$2"')
    await site.nodes[1]?.output('umount "$1" "${2%/*}"')
    assert.deepEqual(statesOf(await undo(site.hosts(), site.options())), ['undone', 'undone'])
    for (const node of site.nodes) assert.equal(await node.output('ls "$1" | wc -l; ! mountpoint -q "$2"'), '1\n')
    assert.equal((await site.plan()).plan.nodes[0]?.actions.length, 3)
  })
})
