import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Shell } from '../../shell/shell.ts'
import { skip, statesOf, usePrivateSite } from './private-site.fixture.ts'
import { recover } from './recover.ts'
import { openChangesIn } from './recovery-records.ts'

describe('a recovery of binds checks every node before it changes the first', { skip }, () => {
  const site = usePrivateSite()

  /** Obstacles on one node. `$1` is the local path, `$2` the origin path. */
  const obstacles: readonly (readonly [what: string, script: string, why: RegExp])[] = [
    ['a read-only file system', 'mount -o remount,ro "${1%/*}"', /cannot make the directory .* mounted read-only/],
    ['an immutable parent', 'chattr +i "${1%/*}"', /cannot make the directory .* is immutable/],
    [
      'a full file system',
      'mount -o remount,size=64k "${1%/*}"; dd if=/dev/zero of="${1%/*}/filler" bs=4k 2>/dev/null || :',
      /is full/,
    ],
    ['a file in the way', ': >"$2"', /is not a directory/],
    ['a symbolic link', 'ln -s /run "$2"', /is a symbolic link/],
    ['files at the origin path', 'mkdir "$2"; : >"$2/file"', /is not empty/],
    ['another mount at the origin path', 'mkdir "$2"; mount -t tmpfs none "$2"', /mounted at/],
    ['an unmounted share', 'umount "$1"', /nothing is mounted at/],
    ['fstab on a read-only file system', 'mount -o remount,ro /etc', /fstab cannot be written/],
    ['an immutable fstab', 'chattr +i /etc/fstab', /fstab cannot be written/],
    ['fstab as a symbolic link', 'mv /etc/fstab /etc/real; ln -s real /etc/fstab', /symbolic link/],
    [
      'a full /etc',
      'mount -o remount,size=64k /etc; dd if=/dev/zero of=/etc/filler bs=4k 2>/dev/null || :',
      /of \/etc is full/,
    ],
    ['a directory where the new fstab is written', 'mkdir /etc/fstab.dr-drill', /fstab\.dr-drill is a directory/],
    [
      'no right to mount',
      `printf '#!/bin/sh\\necho "mount: only root can do that" >&2\\nexit 1\\n' >/run/refusing; chmod 755 /run/refusing
       mount --bind /run/refusing "$(command -v mount)"`,
      /only root can do that/,
    ],
  ]
  for (const [what, script, why] of obstacles)
    it(`and finds ${what}`, async () => {
      const { plan, images } = await site.plan()
      assert.equal(plan.nodes[1]?.actions.length, 3)
      await site.nodes[1]?.output(script)
      const before = await site.states()
      const results = await recover(site.hosts(), plan, images, site.options('none'))
      assert.deepEqual(statesOf(results), Array(3).fill('failed'))
      assert.match(results[1]?.why ?? '', why)
      assert.match(results[0]?.why ?? '', /nothing was changed at any node, because a\/compute-1 refused/)
      assert.deepEqual(await site.states(), before)
      const { plan: now } = await site.plan()
      assert.deepEqual(
        now.nodes.map(({ actions }) => actions.length),
        [3, 0, 3],
      )
      assert.match(now.nodes[1]?.refusals.map((one) => one.why).join() ?? '', why)
      assert.deepEqual(await site.states(), before)
    })

  it('and undoes what it did on a node where a change fails all the same', async () => {
    const { plan, images } = await site.plan()
    const before = await site.states()
    const [first, second, third] = site.nodes
    assert.ok(first && second && third)
    // Another process takes the place between the check and the bind.
    const taken: Shell = {
      where: second.where,
      try: second.shell.try,
      run: async (command, options) => {
        if ('script' in command && command.script.includes('mkdir -p'))
          await second.output('mount -o remount,size=64k /etc; dd if=/dev/zero of=/etc/filler bs=4k 2>/dev/null || :')
        return await second.shell.run(command, options)
      },
    }
    const nodes = [first, { where: second.where, shell: taken }, third]
    const results = await recover(site.hosts(nodes), plan, images, site.options('none'))
    assert.deepEqual(statesOf(results), ['recovered', 'failed', 'recovered'])
    assert.match(results[1]?.why ?? '', /No space left on device[^]*Undo is complete: 2 changes undone there\.$/)
    await second.output('rm /etc/filler')
    assert.equal((await site.states())[1], before[1])
    assert.deepEqual([...openChangesIn(site.records.read('a')).keys()].sort(), ['a/appliance', 'a/compute-2'])
  })
})
