import assert from 'node:assert/strict'
import { basename, dirname } from 'node:path'
import { describe, it } from 'node:test'
import { CommandError } from '../../shell/shell.ts'
import { bindActions } from '../strategy/bind-mount/bind-actions.ts'
import type { AppliedAction } from './kinds.ts'
import { bind, folder, fstab, local, makeDirectory, origin, skip, usePrivateMounts } from './private-mounts.fixture.ts'
import { undoActions, undoEachAction } from './undo-actions.ts'

describe('undoing actions', { skip }, () => {
  const { node, outputOf, exists, isMounted, readFstab, applied } = usePrivateMounts()

  it('does not unmount what others have mounted at the origin path since', async () => {
    const { begun } = await applied([makeDirectory, bind])
    await node.run({ script: 'umount "$1"; mount -t tmpfs none "$1"; echo theirs >"$1/file"', args: [origin] })
    await assert.rejects(undoActions(node, begun), / shows something else than what was bound/)
    assert.equal(await outputOf('cat', `${origin}/file`), 'theirs\n')
  })

  it('undoes a bind that the boot made before the share was mounted', async () => {
    const { begun } = await applied([makeDirectory, bind])
    const script = 'umount "$1"; umount "$2"; mount --bind -- "$2" "$1"; mount -t tmpfs none "$2"'
    await node.run({ script, args: [origin, local] })
    await undoActions(node, begun)
    assert.deepEqual([await isMounted(origin), await isMounted(local)], [false, true])
  })

  it('undoes the other actions if one cannot be undone', async () => {
    const other = `${folder}/mounts/b3RoZXI=`
    const { begun } = await applied([
      ...bindActions({ local, origin: other, persist: true }),
      ...bindActions({ local, origin, persist: true }),
    ])
    await node.run({ script: 'umount "$1"; mount -t tmpfs none "$1"', args: [origin] })
    await assert.rejects(undoActions(node, begun), / shows something else than what was bound/)
    assert.deepEqual([await isMounted(origin), await exists(other)], [true, false])
    assert.deepEqual(await readFstab(), fstab)
  })

  it('undoes a bind that has gone stale', async () => {
    const { begun } = await applied([makeDirectory, bind])
    await node.run({ script: 'umount "$1"; mount -t tmpfs none "$1"', args: [local] })
    await undoActions(node, begun)
    assert.equal(await isMounted(origin), false)
  })

  it('undoes an action that was begun and not done', async () => {
    // No directory to bind to: the bind is begun, and fails.
    const begun: AppliedAction[] = []
    await assert.rejects(applied([bind, makeDirectory], begun), CommandError)
    assert.deepEqual(
      begun.map(({ action }) => action.kind),
      ['bind'],
    )
    await undoActions(node, begun)
    assert.equal(await exists(`${folder}/mounts/groß alt`), false)
  })

  it('changes nothing when it is undone a second time', async () => {
    const { begun } = await applied(bindActions({ local, origin, persist: true }))
    await undoActions(node, begun)
    await undoActions(node, begun)
    assert.deepEqual(await readFstab(), fstab)
    assert.equal(await isMounted(local), true)
  })

  it('keeps a directory that others have put something in', async () => {
    const { begun } = await applied([makeDirectory])
    await node.run(['touch', `${origin}/not ours`])
    await assert.rejects(undoActions(node, begun), { message: `node: ${origin} is not empty` })
    assert.equal(await exists(`${origin}/not ours`), true)
  })

  it('does not take a directory for gone that cannot be looked at', async () => {
    const { begun } = await applied([makeDirectory])
    const args = [dirname(origin), basename(dirname(origin))]
    await node.run({ script: 'mv -- "$1" "$1.away"; ln -s -- "$2" "$1"', args })
    await assert.rejects(undoActions(node, begun), /Too many levels of symbolic links/)
    await node.run({ script: 'rm -- "$1"; mv -- "$1.away" "$1"', args })
    await undoActions(node, begun)
    assert.equal(await exists(origin), false)
  })

  it('does not take a bind for gone if the mounts cannot be read', async () => {
    const { begun } = await applied([makeDirectory, bind])
    await node.run(['mount', '-t', 'tmpfs', 'none', '/proc'])
    try {
      await assert.rejects(undoActions(node, begun), /\/proc\/self\/mountinfo: No such file or directory/)
    } finally {
      await node.run(['umount', '/proc'])
    }
    assert.equal(await isMounted(origin), true)
    await undoActions(node, begun)
    assert.equal(await isMounted(origin), false)
  })

  it('has a preview that changes nothing, and has the outcomes of the undo after it', async () => {
    const { begun } = await applied(bindActions({ local, origin, persist: true }))
    // In the folder that was made for the first origin path.
    const second = origin.replace('b3JpZ2lu', 'c2Vjb25k')
    begun.push(...(await applied(bindActions({ local, origin: second, persist: false }))).begun)
    const everything = () =>
      node.run({ script: 'find "$1" /etc -xdev | sort; base64 /etc/fstab; findmnt -n -o TARGET', args: [folder] })
    const statesOf = async (isPreview: boolean) =>
      (await undoEachAction(node, begun, { isPreview })).map(({ applied: one, state, why }) => [
        one.action.kind,
        state,
        why,
      ])
    const isAsSaid = async (said: readonly unknown[]) => {
      const before = (await everything()).stdout
      assert.deepEqual(await statesOf(true), said)
      assert.equal((await everything()).stdout, before)
      assert.deepEqual(await statesOf(false), said)
    }
    await node.run({ script: 'umount "$1"; mount -t tmpfs none "$1"', args: [second] })
    await isAsSaid([
      ['bind', 'kept', `${second} shows something else than what was bound`],
      ['make-directory', 'kept', `something is mounted at ${second}`],
      ['persist', 'undone', undefined],
      ['bind', 'undone', undefined],
      ['make-directory', 'kept', `${folder}/mounts/groß alt is not empty`],
    ])
    await node.run(['umount', second])
    await isAsSaid([
      ['bind', 'already gone', undefined],
      ['make-directory', 'undone', undefined],
      ['persist', 'already gone', undefined],
      ['bind', 'already gone', undefined],
      ['make-directory', 'undone', undefined],
    ])
    assert.equal(await exists(`${folder}/mounts/groß alt`), false)
  })

  it('previews what is below a mount, and fstab as it is', async () => {
    const { begun } = await applied(bindActions({ local, origin, persist: true }))
    await node.run({
      script: 'umount "$1"; : >"$1/theirs"; mount --bind "$2" "$1"; mv /etc/fstab /etc/real; ln -s real /etc/fstab',
      args: [origin, local],
    })
    const fates = await undoEachAction(node, begun, { isPreview: true })
    assert.deepEqual(
      fates.map(({ state, why }) => [state, why?.replace(/.*: /, '')]),
      [
        ['kept', 'the tool that writes that file must keep the bind'],
        ['undone', undefined],
        ['kept', `${origin} is not empty`],
      ],
    )
  })
})
