import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Shell } from '../../shell/shell.ts'
import { bindActions } from '../strategy/bind-mount/bind-actions.ts'
import { apply, RefusalError } from './apply.ts'
import type { AppliedAction } from './kinds.ts'
import {
  bind,
  block,
  folder,
  fstab,
  local,
  makeDirectory,
  origin,
  skip,
  usePrivateMounts,
} from './private-mounts.fixture.ts'
import { script } from './script.ts'
import { undoActions } from './undo-actions.ts'

describe('apply', { skip }, () => {
  const { node, outputOf, exists, isMounted, readFstab, applied } = usePrivateMounts()
  const withLine = Buffer.concat([fstab, Buffer.from(block)])

  it('shows the data at the origin path, keeps the bind in fstab, and is undone without a trace', async () => {
    const { begun, calls } = await applied(bindActions({ local, origin, persist: true }))
    assert.equal(await outputOf('cat', `${origin}/image`), 'data\n')
    assert.deepEqual(await readFstab(), withLine)
    assert.deepEqual(calls, [
      'make-directory begun',
      'make-directory done',
      'bind begun',
      'bind done',
      'persist begun',
      'persist done',
    ])
    assert.deepEqual(begun[0]?.before, { firstMissing: `${folder}/mounts/groß alt` })

    await undoActions(node, begun)
    assert.equal(await isMounted(origin), false)
    assert.equal(await exists(`${folder}/mounts/groß alt`), false)
    assert.equal(await isMounted(local), true)
    assert.deepEqual(await readFstab(), fstab)
  })

  it('refuses to bind while the share is not mounted', async () => {
    await node.run(['umount', local])
    await assert.rejects(applied([makeDirectory, bind]), (error: Error) => {
      assert.ok(error instanceof RefusalError)
      assert.equal(error.message, `node: cannot bind ${local} to ${origin}: nothing is mounted at ${local}`)
      return true
    })
    assert.equal(await isMounted(origin), false)
  })

  it('binds as a script too, and the script refuses while the share is not mounted', async () => {
    const text = script(bindActions({ local, origin, persist: true }))
    await node.run(['umount', local])
    const { exitCode, stderr } = await node.try({ script: `umask 077\n${text}` })
    assert.deepEqual([exitCode, stderr], [1, `nothing is mounted at ${local}\n`])
    assert.equal(await isMounted(origin), false)
    assert.deepEqual(await readFstab(), fstab)
    await node.run({ script: 'mount -t tmpfs none "$1"; echo data >"$1/image"', args: [local] })
    for (const _ of ['once', 'again']) await node.run({ script: text })
    assert.equal(await outputOf('cat', `${origin}/image`), 'data\n')
    // The second run bound nothing on top, and wrote nothing twice.
    assert.equal(await outputOf('findmnt', '-nro', 'FSTYPE', '-M', origin), 'tmpfs\n')
    assert.equal((await readFstab()).toString('latin1').split('none bind,_netdev,nofail').length, 2)
    assert.equal(await outputOf('stat', '-c', '%a', `${folder}/mounts/groß alt`), '755\n')
  })

  it('refuses, as a script, if something else is mounted at the origin path', async () => {
    await node.run({ script: 'mkdir -p "$1"; mount -t tmpfs none "$1"', args: [origin] })
    const text = script(bindActions({ local, origin, persist: true }))
    const { exitCode, stderr } = await node.try({ script: text })
    assert.deepEqual([exitCode, stderr], [1, `something else is mounted at ${origin}\n`])
    assert.deepEqual(await readFstab(), fstab)
  })

  it('refuses, as a script, to hide files and to follow a symbolic link', async () => {
    const text = script(bindActions({ local, origin, persist: true }))
    await node.run({ script: 'mkdir -p "$1"; echo theirs >"$1/file"', args: [origin] })
    const hidden = await node.try({ script: text })
    assert.deepEqual([hidden.exitCode, hidden.stderr], [1, `${origin} is not empty\n`])
    await node.run({
      script: 'rm "$1/file"; mv "${1%/*}" "$2/real"; ln -s real "${1%/*}"',
      args: [origin, `${folder}/mounts`],
    })
    const linked = await node.try({ script: text })
    assert.deepEqual([linked.exitCode, linked.stderr], [1, `a symbolic link is on the way to ${origin}\n`])
    assert.equal(await isMounted(`${folder}/mounts/real/b3JpZ2lu`), false)
    assert.deepEqual(await readFstab(), fstab)
  })

  it('refuses to hide files, to cover a file, and to follow a symbolic link, whatever was planned', async () => {
    await node.run({ script: 'mkdir -p "$1"; echo theirs >"$1/file"', args: [origin] })
    await assert.rejects(applied([makeDirectory, bind]), /is not empty: a bind would hide its content/)
    assert.equal(await outputOf('cat', `${origin}/file`), 'theirs\n')
    await node.run({ script: 'rm -r "$1"; echo file >"$1"', args: [origin] })
    await assert.rejects(applied([bind]), /is not a directory/)
    await node.run({
      script: 'rm "$1"; rmdir "${1%/*}"; mkdir "$2/real"; ln -s real "${1%/*}"',
      args: [origin, `${folder}/mounts`],
    })
    await assert.rejects(applied([makeDirectory]), /cannot make the directory .*: .*groß alt is a symbolic link/)
    assert.equal(await outputOf('ls', `${folder}/mounts/real`), '')
    await node.run(['mkdir', `${folder}/mounts/real/b3JpZ2lu`])
    await assert.rejects(applied([bind]), /cannot bind .*: .*groß alt is a symbolic link/)
  })

  it('looks again immediately before the bind', async () => {
    for (const [script, why] of [
      ['echo theirs >"$2/file"', /is not empty/],
      ['mount -t tmpfs none "$2"', /something else is mounted at/],
      ['umount "$1"', /nothing is mounted at/],
    ] as const) {
      await node.run({ script: 'mkdir -p "$1"', args: [origin] })
      await assert.rejects(
        apply(node, [bind], (_, state) => state === 'begun' && node.runSync(script)),
        why,
      )
      assert.equal(await exists(`${origin}/image`), false)
      await node.run({ script: 'rm -f "$1/file"; if mountpoint -q "$1"; then umount "$1"; fi', args: [origin] })
    }
  })

  it('unmounts a bind that does not show the files of the share', async () => {
    const deceived: Shell = {
      where: node.where,
      run: async (command, options) => {
        const script = 'script' in command ? `mount() { command mount -t tmpfs none "$4"; }\n${command.script}` : ''
        return await node.run('script' in command ? { ...command, script } : command, options)
      },
      try: (command, options) => node.try(command, options),
    }
    await node.run({ script: 'mkdir -p "$1"', args: [origin] })
    await assert.rejects(
      apply(deceived, [bind], () => {}),
      /cannot bind .*: after the bind, it did not show the files at/,
    )
    assert.equal(await isMounted(origin), false)
  })

  it('makes directories that other users can enter, whatever the umask of root', async () => {
    const strict: Shell = {
      where: node.where,
      run: async (command, options) =>
        node.run('script' in command ? { ...command, script: `umask 077\n${command.script}` } : command, options),
      try: (command, options) => node.try(command, options),
    }
    await apply(strict, [makeDirectory], () => {})
    assert.equal(await outputOf('stat', '-c', '%a', `${folder}/mounts/groß alt`), '755\n')
  })

  it('refuses to cover a mount at the origin path', async () => {
    await node.run({ script: 'mkdir -p "$1"; mount -t tmpfs none "$1"', args: [origin] })
    const begun: AppliedAction[] = []
    await assert.rejects(applied([bind], begun), RefusalError)
    // A refused action was not begun: undoing must not unmount what others have mounted.
    assert.deepEqual(begun, [])
    assert.equal(await exists(`${origin}/image`), false)
  })

  it('refuses to cover a bind of the empty directory that was made before the share was mounted', async () => {
    await node.run({
      script: 'umount "$1"; mkdir -p "$2"; mount --bind "$1" "$2"; mount -t tmpfs none "$1"',
      args: [local, origin],
    })
    await assert.rejects(applied([bind]), /something else is mounted at/)
  })

  it('changes nothing when it is carried out again, and undoing that changes nothing either', async () => {
    const actions = bindActions({ local, origin, persist: true })
    const first = await applied(actions)
    const second = await applied(actions)
    assert.equal(await outputOf('findmnt', '-nro', 'FSTYPE', '-M', origin), 'tmpfs\n')
    assert.deepEqual(await readFstab(), withLine)
    await undoActions(node, second.begun)
    assert.equal(await outputOf('cat', `${origin}/image`), 'data\n')
    await undoActions(node, first.begun)
    assert.deepEqual(await readFstab(), fstab)
  })

  it('keeps a directory that existed before', async () => {
    await node.run(['mkdir', '-p', origin])
    const { begun } = await applied([makeDirectory, bind])
    await undoActions(node, begun)
    assert.equal(await exists(origin), true)
  })
})
