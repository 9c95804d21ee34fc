import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { describe, it } from 'node:test'
import { thisProcess } from '../../localhost/process-identity.ts'
import type { Shell } from '../../shell/shell.ts'
import { plainStyle } from '../../text/style.ts'
import { describeUndo, undoSentence } from './describe-undo.ts'
import { FailingShell, skip, statesOf, usePrivateSite } from './private-site.fixture.ts'
import { recover } from './recover.ts'
import { openChangesIn, Records } from './recovery-records.ts'
import { previewUndo, undo, wouldChange, wouldKeep } from './undo.ts'

describe('undo', { skip }, () => {
  const site = usePrivateSite()
  const { data, local, origin } = site

  it('undoes only what was done on the very same host, and continues without one that does not exist any more', async () => {
    await site.nodes[0]?.output('echo 11111111111111111111111111111111 >/etc/machine-id')
    await site.recover(site.nodes, 'none')
    const before = await site.nodes[0]?.state()
    await site.nodes[0]?.output('echo 22222222222222222222222222222222 >/etc/machine-id')
    const results = await undo(site.hosts(site.nodes.slice(0, 2)), site.options())
    assert.deepEqual(
      results.map(({ where, state }) => [where, state]),
      [
        ['a/appliance', 'unknown'],
        ['a/compute-1', 'undone'],
        ['a/compute-2', 'unknown'],
      ],
    )
    assert.match(results[0]?.why ?? '', /on another host of this name/)
    assert.equal(await site.nodes[0]?.state(), before)
    await site.nodes[0]?.output('echo 11111111111111111111111111111111 >/etc/machine-id')
    const states = (await undo(site.hosts(), site.options())).map(({ where, state }) => [where, state])
    assert.deepEqual(states, [
      ['a/appliance', 'undone'],
      ['a/compute-2', 'undone'],
    ])
  })

  it('undoes the rest if something prevents one change, and that change when the obstacle is removed', async () => {
    const before = await site.states()
    await site.recover(site.nodes, 'none')
    await site.nodes[1]?.output('umount "$2"; mount -t tmpfs none "$2"')
    const undone = await undo(site.hosts(), site.options())
    assert.deepEqual(statesOf(undone), ['undone', 'failed', 'undone'])
    assert.match(undone[1]?.why ?? '', /shows something else than what was bound/)
    assert.deepEqual(
      openChangesIn(site.records.read('a'))
        .get('a/compute-1')
        ?.flatMap(({ actions }) => actions.map(({ action }) => action.kind)),
      ['make-directory', 'bind'],
    )
    await site.nodes[1]?.output('umount "$2"')
    assert.deepEqual(
      (await undo(site.hosts(), site.options())).map(({ where, state }) => [where, state]),
      [['a/compute-1', 'undone']],
    )
    assert.deepEqual(await site.states(), before)
  })

  it('has a preview for each node, as things are there now, that changes nothing', async () => {
    await site.recover(site.nodes, 'none')
    await site.nodes[0]?.output('umount "$2"')
    await site.nodes[1]?.output('umount "$2"; mount -t tmpfs none "$2"')
    const closed = (where: string, shell: Shell) => ({ where, shell: new FailingShell(shell, 1, false) })
    const [first, second, third] = site.nodes
    assert.ok(first && second && third)
    const before = await site.states()
    const looked = await previewUndo(site.hosts([first, second, closed(third.where, third.shell)]), site.options())
    assert.deepEqual(await site.states(), before)
    assert.deepEqual(
      looked.map(({ steps, unknown }) => [
        steps.map(({ applied, state }) => `${applied.inverse.kind} ${state}`),
        unknown,
      ]),
      [
        [['forget undone', 'unbind already gone', 'remove-directories undone'], undefined],
        [['forget undone', 'unbind kept', 'remove-directories kept'], undefined],
        [[], 'a/compute-2: connection lost'],
      ],
    )
    assert.deepEqual(looked.map(wouldChange), [true, true, true])
    assert.deepEqual(looked.map(wouldKeep), [false, true, false])
    assert.match(
      describeUndo(looked, { ...plainStyle, columns: 500 }).join('\n'),
      /compute-1\n[^]* kept: unmount .*\n.* shows something else than what was bound/,
    )
    const undone = await undo(site.hosts(), site.options())
    assert.deepEqual(statesOf(undone), ['undone', 'failed', 'undone'])
    await second.output('echo theirs >/run/owner; mkdir /run/dr-drill-recovery; mv /run/owner /run/dr-drill-recovery')
    await assert.rejects(
      previewUndo(site.hosts(), site.options()),
      /compute-1: another recovery holds the lock there, and whether it still runs cannot be seen from here: theirs/,
    )
    const [rest] = await previewUndo(site.hosts([first]), site.options())
    assert.deepEqual(
      [rest?.where, rest?.unknown],
      [second.where, 'changes are on record for it, but the site has no such node'],
    )
  })

  it('looks at nodes without a record, and finds what other records have', async () => {
    const others = new Records(`${site.folder}/others`)
    const [first, second, third] = site.nodes
    assert.ok(first && second && third)
    const { plan, images } = await site.plan([second])
    await recover(site.hosts([second]), plan, images, { ...site.options('none'), records: others })
    const closed = { where: third.where, shell: new FailingShell(third.shell, 1, false) }
    const hosts = site.hosts([first, second, closed])
    const bound = `/etc/fstab has lines of a recovery; a target is bound to ${origin}, and no record on this machine has it (--records)`
    const lost = 'no change is on record for it, and it cannot be looked at: a/compute-2: connection lost'
    const before = await site.states()
    const looked = await previewUndo(hosts, site.options())
    const seen = [
      ['a/compute-1', bound],
      ['a/compute-2', lost],
    ]
    assert.deepEqual(
      looked.map(({ where, unknown }) => [where, unknown]),
      seen,
    )
    assert.deepEqual(looked.map(wouldChange), [false, false])
    assert.equal(
      undoSentence(looked, 'a', 3),
      'Nothing to undo at a: no change is on record on this machine. 2 nodes unknown.',
    )
    const undone = await undo(hosts, site.options())
    assert.deepEqual(
      undone.map(({ where, state, why }) => [where, state, why]),
      seen.map(([where, why]) => [where, 'unknown', why]),
    )
    assert.deepEqual(await site.states(), before)
    assert.deepEqual(statesOf(await undo(hosts, { ...site.options(), records: others })), ['undone', 'unknown'])
  })

  it('finds and removes the lock of a recovery that lost its host before the first change', async () => {
    const [first, second] = site.nodes
    assert.ok(first && second)
    const owner = JSON.stringify({
      by: 'root@here',
      at: '2026-11-22T20:15:00.000Z',
      identity: { ...(await thisProcess()), startTime: '1' },
      machine: readFileSync('/etc/machine-id', 'utf8').trim(),
      host: hostname(),
      pidNamespace: readlinkSync('/proc/self/ns/pid'),
      id: 'x',
    })
    const script = 'mkdir /run/dr-drill-recovery; printf %s "$1" >/run/dr-drill-recovery/owner'
    const leave = async () => {
      await first.shell.run({ script, args: [owner] })
      await second.output('mkdir /run/dr-drill-recovery')
    }
    await leave()
    const looked = await previewUndo(site.hosts(), site.options())
    assert.deepEqual(
      looked.map(({ where, lockOf }) => [where, lockOf]),
      [
        ['a/appliance', 'the recovery of root@here at 2026-11-22T20:15:00.000Z'],
        ['a/compute-1', 'a recovery'],
      ],
    )
    assert.match(describeUndo(looked, plainStyle).join('\n'), /remove the lock that the recovery of root@here/)
    assert.deepEqual(statesOf(await undo(site.hosts(), site.options())), ['undone', 'undone'])
    assert.deepEqual(await previewUndo(site.hosts(), site.options()), [])
    await leave()
    const lines: string[] = []
    const { plan, images } = await site.plan()
    const report = (where: string, line: string) => lines.push(`${where}: ${line}`)
    await recover(site.hosts(), plan, images, { ...site.options('none'), report })
    assert.ok(
      lines.includes(
        'a/appliance: took over the lock that the recovery of root@here at 2026-11-22T20:15:00.000Z left behind',
      ),
    )
    assert.doesNotMatch(await first.output('ls /run'), /dr-drill/)
  })

  it('restores names though retention removed an image and merged another, and not while the share is unmounted', async () => {
    const paths = ['removed', 'merged'].map((name) => `${dirname(`${data}/${site.image(2)}`)}/${name}`)
    const nameIn = (path: string) => execFileSync('qemu-img', ['info', path], { encoding: 'utf8' })
    try {
      for (const path of paths) {
        execFileSync('cp', ['-p', `${data}/${site.image(2)}`, path])
        site.chown()
      }
      const { plan: made, images } = await site.plan(site.nodes, 'rebase')
      assert.deepEqual(
        statesOf(await recover(site.hosts(), made, images, site.options('none'))),
        Array(3).fill('recovered'),
      )
      await site.nodes[0]?.output('umount "$1"')
      const away = await undo(site.hosts(), site.options())
      assert.deepEqual(statesOf(away), ['failed'])
      assert.match(away[0]?.why ?? '', /4 images keep their new parent names: .* \(gone\)/)
      await site.nodes[0]?.output(`mount --bind '${data}' "$1"`)
      const [removed = '', merged = ''] = paths
      rmSync(removed)
      execFileSync('qemu-img', ['rebase', '-u', '-F', 'qcow2', '-b', `${local}/${site.image(0)}`, merged])
      const [look] = await previewUndo(site.hosts(), site.options())
      const [step] = look?.steps ?? []
      assert.deepEqual([step?.state, step?.count, step?.why], ['undone', 2, undefined])
      assert.match(step?.note ?? '', /2 images were changed or removed since/)
      assert.match(nameIn(`${data}/${site.image(2)}`), new RegExp(`backing file: ${local}`))
      const undone = await undo(site.hosts(), site.options())
      assert.deepEqual(statesOf(undone), ['undone'])
      assert.match(undone[0]?.why ?? '', /2 images were changed or removed since, and are left as they are/)
      assert.match(nameIn(`${data}/${site.image(2)}`), new RegExp(`backing file: ${origin}`))
      assert.match(nameIn(merged), new RegExp(`backing file: ${local}`))
      assert.deepEqual(await undo(site.hosts(), site.options()), [])
    } finally {
      for (const path of paths) rmSync(path, { force: true })
    }
  })
})
