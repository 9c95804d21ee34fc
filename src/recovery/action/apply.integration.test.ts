import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { LocalShell } from '../../shell/local.ts'
import { type Argv, CommandError, type CommandOptions, type Script, type Shell } from '../../shell/shell.ts'
import { readNode } from '../node/read-node.ts'
import { bindActions } from '../strategy/bind-mount/bind-actions.ts'
import { apply, RefusalError } from './apply.ts'
import type { Action, AppliedAction } from './kinds.ts'
import { script } from './script.ts'
import { undoActions, undoEachAction } from './undo-actions.ts'

/** A real node without a lab: this machine with private mounts and a private /etc. */
class PrivateMounts implements Shell {
  readonly where = 'node'
  readonly #shell = new LocalShell()
  readonly #enter: Argv

  constructor(holder: number) {
    this.#enter = ['nsenter', `--mount=/proc/${holder}/ns/mnt`, '--']
  }

  run(command: Argv | Script, options: CommandOptions = {}) {
    return this.#shell.run(...this.#inside(command, options))
  }

  try(command: Argv | Script, options: CommandOptions = {}) {
    return this.#shell.try(...this.#inside(command, options))
  }

  #inside(command: Argv | Script, options: CommandOptions): [Argv, CommandOptions] {
    if (!('script' in command)) return [[...this.#enter, ...command], options]
    return [[...this.#enter, 'sh', '-eu', '-s', '--', ...(command.args ?? [])], { ...options, stdin: command.script }]
  }
}

const folder = mkdtempSync(join(tmpdir(), 'apply-'))
const local = `${folder}/mounts/bG9jYWw=`
const origin = `${folder}/mounts/groß alt/b3JpZ2lu`
const share = `10.20.2.20:/replica ${local} nfs soft 0 0`
const block = `# dr-drill begin: binds that restores need
${local} ${origin.replace(' ', '\\040')} none bind,_netdev,nofail 0 0
# dr-drill end
`
// In Latin-1, as an administrator may have left it: not UTF-8.
const fstab = Buffer.from(`# für alle\n${share}\ntmpfs /tmp tmpfs 0 0\n`, 'latin1')
const bind = { kind: 'bind', local, origin } as const
const persist = { kind: 'persist', local, origin } as const
const makeDirectory = { kind: 'make-directory', path: origin } as const

const isRoot = process.getuid?.() === 0

describe('recovery of a node', { skip: !isRoot && 'needs root, to mount' }, () => {
  let holder: ChildProcess
  let node: Shell

  before(async () => {
    const script = `mount -t tmpfs none /etc; mount -t tmpfs none '${folder}'; echo ready; exec sleep infinity`
    const args = ['--mount', '--propagation', 'private', 'sh', '-euc', script]
    holder = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'inherit'] })
    assert.ok(holder.pid && holder.stdout)
    await once(holder.stdout, 'data')
    node = new PrivateMounts(holder.pid)
  })
  after(async () => {
    if (holder.exitCode === null && holder.kill('SIGKILL')) await once(holder, 'exit')
    rmdirSync(folder)
  })
  /** Mounts the share. Nothing is done yet. */
  beforeEach(async () => {
    const script = `
      for path in "$2" "$1"; do if mountpoint -q "$path"; then umount "$path"; fi; done
      rm -rf "$3" /etc/*
      mkdir -p "$1"
      mount -t tmpfs none "$1"
      echo data >"$1/image"
      printf %s "$4" | base64 -d >/etc/fstab
      chown 3:4 /etc/fstab
      chmod 640 /etc/fstab`
    await node.run({ script, args: [local, origin, `${folder}/mounts`, fstab.toString('base64')] })
  })

  const outputOf = async (...command: Argv) => (await node.run(command)).stdout
  const exists = async (path: string) => (await node.try(['test', '-e', path])).exitCode === 0
  const isMounted = async (path: string) => (await node.try(['mountpoint', '-q', path])).exitCode === 0
  const readFstab = async () => Buffer.from(await outputOf('base64', '/etc/fstab'), 'base64')
  const withLine = Buffer.concat([fstab, Buffer.from(block)])

  /** The actions that were begun, and the order of calls. */
  async function applied(actions: readonly Action[], begun: AppliedAction[] = [], told: string[] = []) {
    await apply(node, actions, (one, state) => {
      told.push(`${one.action.kind} ${state}`)
      if (state === 'begun') begun.push(one)
    })
    return { begun, told }
  }

  it('shows the data at the origin path, keeps the bind in fstab, and is undone without a trace', async () => {
    const { begun, told } = await applied(bindActions({ local, origin, persist: true }))
    assert.equal(await outputOf('cat', `${origin}/image`), 'data\n')
    assert.deepEqual(await readFstab(), withLine)
    assert.deepEqual(told, [
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
      const inside = ['--', 'sh', '-euc', script, 'sh', local, origin]
      const change = () => execFileSync('nsenter', [`--mount=/proc/${holder.pid}/ns/mnt`, ...inside])
      await assert.rejects(
        apply(node, [bind], (_, state) => state === 'begun' && change()),
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

  it('keeps a line of fstab that existed before, and does not write it twice', async () => {
    await applied([makeDirectory])
    const first = await applied([persist])
    const second = await applied([persist])
    assert.deepEqual(await readFstab(), withLine)
    await undoActions(node, second.begun)
    assert.deepEqual(await readFstab(), withLine)
    await undoActions(node, first.begun)
    assert.deepEqual(await readFstab(), fstab)
  })

  it('replaces fstab as a whole, with its mode and owner, and keeps a copy until it is the same again', async () => {
    await node.run(['ln', '/etc/fstab', '/etc/old'])
    const { begun } = await applied([makeDirectory, persist])
    assert.equal(await outputOf('stat', '-c', '%a %u:%g', '/etc/fstab'), '640 3:4\n')
    // If the file was written in place, its other name would have the new line.
    assert.deepEqual(Buffer.from(await outputOf('base64', '/etc/old'), 'base64'), fstab)
    assert.equal(await outputOf('ls', '/etc'), 'fstab\nfstab.before-dr-drill\nold\n')
    assert.deepEqual(Buffer.from(await outputOf('base64', '/etc/fstab.before-dr-drill'), 'base64'), fstab)
    await undoActions(node, begun)
    assert.equal(await outputOf('ls', '/etc'), 'fstab\nold\n')
  })

  it('restores a last line without a newline', async () => {
    await node.run({ script: 'printf "# the end" >>/etc/fstab' })
    const before = await readFstab()
    const { begun } = await applied([makeDirectory, persist])
    assert.equal(
      (await readFstab()).toString('latin1'),
      `${before.toString('latin1')}\n${Buffer.from(block).toString('latin1')}`,
    )
    await undoActions(node, begun)
    assert.deepEqual(await readFstab(), before)
  })

  it('keeps the line, and reports why, if fstab became a symbolic link, was rewritten, or changes meanwhile', async () => {
    const { begun } = await applied([makeDirectory, persist])
    const isKept = async (why: RegExp, shell = node) => {
      const before = await readFstab()
      await assert.rejects(undoActions(shell, begun), why)
      assert.ok((await readFstab()).includes(before))
    }
    await node.run({ script: 'mv /etc/fstab /etc/real; ln -s real /etc/fstab' })
    await isKept(/the line for .* in \/etc\/fstab is kept: \/etc\/fstab is a symbolic link to real/)
    assert.equal(await outputOf('stat', '-c', '%F %a', '/etc/fstab'), 'symbolic link 777\n')
    await node.run({ script: "rm /etc/fstab; sed -i 's/$/\\r/' /etc/real; mv /etc/real /etc/fstab" })
    await isKept(/is kept: it is not in a block of dr-drill any more/)
    await node.run({ script: "sed -i 's/\\r$//' /etc/fstab" })
    const beforehand = (script: string): Shell => ({
      where: node.where,
      try: (command, options) => node.try(command, options),
      run: async (command, options) => {
        if (!('script' in command)) await node.run({ script })
        return await node.run(command, options)
      },
    })
    await isKept(/is kept: \/etc\/fstab was changed by another process/, beforehand('echo "# theirs" >>/etc/fstab'))
    await isKept(
      /is kept: \/etc\/fstab is a symbolic link now, or not a file/,
      beforehand('mv /etc/fstab /etc/real; ln -s real /etc/fstab'),
    )
    await node.run({ script: 'mv /etc/real /etc/fstab' })
    await undoActions(node, begun)
    assert.deepEqual(await readFstab(), Buffer.concat([fstab, Buffer.from('# theirs\n')]))
  })

  it('leaves no files beside fstab after a power cut at any moment', async () => {
    const { begun } = await applied([makeDirectory, persist])
    await undoActions(node, begun)
    const cut = 'cp /etc/fstab /etc/fstab.before-dr-drill; echo half >/etc/fstab.before-dr-drill.new'
    await node.run({ script: `${cut}; echo half >/etc/fstab.dr-drill` })
    await undoActions(node, begun)
    assert.equal(await outputOf('ls', '/etc'), 'fstab\n')
    assert.deepEqual(await readFstab(), fstab)
  })

  it('keeps a copy of fstab from before this recovery, not an earlier one', async () => {
    await node.run({ script: 'echo "# of long ago" >/etc/fstab.before-dr-drill' })
    await applied([makeDirectory, persist])
    assert.deepEqual(Buffer.from(await outputOf('base64', '/etc/fstab.before-dr-drill'), 'base64'), fstab)
  })

  it('binds on a host without fstab, and refuses to keep the bind there', async () => {
    await node.run(['rm', '/etc/fstab'])
    await assert.rejects(applied([persist]), /\/etc\/fstab does not exist/)
    const { whyNotFstab, pairs } = await readNode(node, [{ local, origin }])
    assert.deepEqual([whyNotFstab, pairs[0]?.isKeptInFstab], ['/etc/fstab does not exist', false])
    await undoActions(node, [
      { where: 'node', action: persist, before: {}, inverse: { kind: 'forget', local, origin } },
    ])
    assert.equal(await outputOf('ls', '/etc'), '')
  })

  it('refuses an fstab that is a symbolic link, or has line ends of Windows', async () => {
    await node.run({ script: 'mv /etc/fstab /etc/real; ln -s real /etc/fstab' })
    await assert.rejects(applied([persist]), /cannot keep the bind .*: \/etc\/fstab is a symbolic link to real/)
    await node.run({ script: 'rm /etc/fstab; printf "tmpfs /tmp tmpfs 0 0\\r\\n" >/etc/real; mv /etc/real /etc/fstab' })
    await assert.rejects(applied([persist]), /line 1 of \/etc\/fstab ends with a carriage return/)
    assert.equal(await outputOf('ls', '/etc'), 'fstab\n')
  })

  it('refuses an fstab in which findmnt finds a new error', async () => {
    await assert.rejects(applied([persist]), /findmnt --verify reports .*unreachable/)
    assert.deepEqual(await readFstab(), fstab)
    assert.equal(await outputOf('ls', '/etc'), 'fstab\n')
  })

  it('leaves fstab as it is if it cannot be written', async () => {
    await node.run(['mount', '-o', 'remount,ro', '/etc'])
    try {
      await assert.rejects(applied([persist]), /\/etc\/fstab cannot be written/)
      assert.deepEqual(await readFstab(), fstab)
    } finally {
      await node.run(['mount', '-o', 'remount,rw', '/etc'])
    }
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
