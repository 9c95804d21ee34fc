import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { LocalShell } from '../../shell/local.ts'
import { type Argv, CommandError, type CommandOptions, type Script, type Shell } from '../../shell/shell.ts'
import { readNode } from '../node/state.ts'
import { planBindMount } from '../strategy/plan.ts'
import type { Action } from './actions.ts'
import { type AppliedAction, apply, RefusalError } from './apply.ts'
import { script } from './script.ts'
import { undo, undoEach } from './undo.ts'

/** A real node without a lab: this machine with mounts and an /etc of its own, which nobody else sees. */
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
  /** The share is mounted, and nothing was done yet. */
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

  /** What was begun, and in which order things were told. */
  async function applied(actions: readonly Action[], begun: AppliedAction[] = [], told: string[] = []) {
    await apply(node, actions, (one, state) => {
      told.push(`${one.action.kind} ${state}`)
      if (state === 'begun') begun.push(one)
    })
    return { begun, told }
  }

  it('shows the data at the origin path, keeps that in fstab, and is taken back without a trace', async () => {
    const { begun, told } = await applied(planBindMount({ local, origin, persist: true }))
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

    await undo(node, begun)
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

  it('binds as a script too, and refuses to while the share is not mounted', async () => {
    const text = script(planBindMount({ local, origin, persist: true }))
    await node.run(['umount', local])
    const { exitCode, stderr } = await node.try({ script: `umask 077\n${text}` })
    assert.deepEqual([exitCode, stderr], [1, `nothing is mounted at ${local}\n`])
    assert.equal(await isMounted(origin), false)
    assert.deepEqual(await readFstab(), fstab)
    await node.run({ script: 'mount -t tmpfs none "$1"; echo data >"$1/image"', args: [local] })
    for (const _ of ['once', 'again']) await node.run({ script: text })
    assert.equal(await outputOf('cat', `${origin}/image`), 'data\n')
    // Done again, it has bound nothing on top, and written nothing twice.
    assert.equal(await outputOf('findmnt', '-nro', 'FSTYPE', '-M', origin), 'tmpfs\n')
    assert.equal((await readFstab()).toString('latin1').split('none bind,_netdev,nofail').length, 2)
    assert.equal(await outputOf('stat', '-c', '%a', `${folder}/mounts/groß alt`), '755\n')
  })

  it('refuses, as a script, to take what else is mounted there for the data', async () => {
    await node.run({ script: 'mkdir -p "$1"; mount -t tmpfs none "$1"', args: [origin] })
    const text = script(planBindMount({ local, origin, persist: true }))
    const { exitCode, stderr } = await node.try({ script: text })
    assert.deepEqual([exitCode, stderr], [1, `something else is mounted at ${origin}\n`])
    assert.deepEqual(await readFstab(), fstab)
  })

  it('refuses, as a script, to hide what is there, and to follow a symbolic link', async () => {
    const text = script(planBindMount({ local, origin, persist: true }))
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

  it('refuses to hide what is there, a file, and a symbolic link on the way, whatever was planned for', async () => {
    await node.run({ script: 'mkdir -p "$1"; echo theirs >"$1/file"', args: [origin] })
    await assert.rejects(applied([makeDirectory, bind]), /is not empty: a bind would hide what is there/)
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

  it('looks again at the moment of the bind', async () => {
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

  it('leaves nothing bound that does not show the files of the share', async () => {
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
      /cannot bind .*: bound, it does not show the files that are at/,
    )
    assert.equal(await isMounted(origin), false)
  })

  it('makes directories that others may pass, whatever the umask of root', async () => {
    const strict: Shell = {
      where: node.where,
      run: async (command, options) =>
        node.run('script' in command ? { ...command, script: `umask 077\n${command.script}` } : command, options),
      try: (command, options) => node.try(command, options),
    }
    await apply(strict, [makeDirectory], () => {})
    assert.equal(await outputOf('stat', '-c', '%a', `${folder}/mounts/groß alt`), '755\n')
  })

  it('does not unmount what somebody else has mounted there since', async () => {
    const { begun } = await applied([makeDirectory, bind])
    await node.run({ script: 'umount "$1"; mount -t tmpfs none "$1"; echo theirs >"$1/file"', args: [origin] })
    await assert.rejects(undo(node, begun), /what is mounted at .* now is not what was bound/)
    assert.equal(await outputOf('cat', `${origin}/file`), 'theirs\n')
  })

  it('takes back what was bound at boot before the share was mounted: the folder below it', async () => {
    const { begun } = await applied([makeDirectory, bind])
    const script = 'umount "$1"; umount "$2"; mount --bind -- "$2" "$1"; mount -t tmpfs none "$2"'
    await node.run({ script, args: [origin, local] })
    await undo(node, begun)
    assert.deepEqual([await isMounted(origin), await isMounted(local)], [false, true])
  })

  it('takes the rest back where something stands against one', async () => {
    const other = `${folder}/mounts/b3RoZXI=`
    const { begun } = await applied([
      ...planBindMount({ local, origin: other, persist: true }),
      ...planBindMount({ local, origin, persist: true }),
    ])
    await node.run({ script: 'umount "$1"; mount -t tmpfs none "$1"', args: [origin] })
    await assert.rejects(undo(node, begun), /what is mounted at .* now is not what was bound/)
    assert.deepEqual([await isMounted(origin), await exists(other)], [true, false])
    assert.deepEqual(await readFstab(), fstab)
  })

  it('takes a bind back that has gone stale', async () => {
    const { begun } = await applied([makeDirectory, bind])
    await node.run({ script: 'umount "$1"; mount -t tmpfs none "$1"', args: [local] })
    await undo(node, begun)
    assert.equal(await isMounted(origin), false)
  })

  it('refuses to cover what is mounted at the origin path', async () => {
    await node.run({ script: 'mkdir -p "$1"; mount -t tmpfs none "$1"', args: [origin] })
    const begun: AppliedAction[] = []
    await assert.rejects(applied([bind], begun), RefusalError)
    // A refused action was not begun: taking back must not unmount what somebody else has mounted.
    assert.deepEqual(begun, [])
    assert.equal(await exists(`${origin}/image`), false)
  })

  it('refuses to cover the empty directory that was bound before the share was mounted', async () => {
    await node.run({
      script: 'umount "$1"; mkdir -p "$2"; mount --bind "$1" "$2"; mount -t tmpfs none "$1"',
      args: [local, origin],
    })
    await assert.rejects(applied([bind]), /something else is mounted at/)
  })

  it('is carried out again from the start, and the second time changes and takes back nothing', async () => {
    const actions = planBindMount({ local, origin, persist: true })
    const first = await applied(actions)
    const second = await applied(actions)
    assert.equal(await outputOf('findmnt', '-nro', 'FSTYPE', '-M', origin), 'tmpfs\n')
    assert.deepEqual(await readFstab(), withLine)
    await undo(node, second.begun)
    assert.equal(await outputOf('cat', `${origin}/image`), 'data\n')
    await undo(node, first.begun)
    assert.deepEqual(await readFstab(), fstab)
  })

  it('leaves a directory that was there', async () => {
    await node.run(['mkdir', '-p', origin])
    const { begun } = await applied([makeDirectory, bind])
    await undo(node, begun)
    assert.equal(await exists(origin), true)
  })

  it('leaves a line that was there, and does not write it twice', async () => {
    await applied([makeDirectory])
    const first = await applied([persist])
    const second = await applied([persist])
    assert.deepEqual(await readFstab(), withLine)
    await undo(node, second.begun)
    assert.deepEqual(await readFstab(), withLine)
    await undo(node, first.begun)
    assert.deepEqual(await readFstab(), fstab)
  })

  it('replaces fstab as a whole, with its mode and owner, and keeps the old one until it is the same again', async () => {
    await node.run(['ln', '/etc/fstab', '/etc/old'])
    const { begun } = await applied([makeDirectory, persist])
    assert.equal(await outputOf('stat', '-c', '%a %u:%g', '/etc/fstab'), '640 3:4\n')
    // Written in place, the old file's other name would show the new line.
    assert.deepEqual(Buffer.from(await outputOf('base64', '/etc/old'), 'base64'), fstab)
    assert.equal(await outputOf('ls', '/etc'), 'fstab\nfstab.before-dr-drill\nold\n')
    assert.deepEqual(Buffer.from(await outputOf('base64', '/etc/fstab.before-dr-drill'), 'base64'), fstab)
    await undo(node, begun)
    assert.equal(await outputOf('ls', '/etc'), 'fstab\nold\n')
  })

  it('gives a last line without an end back as it was', async () => {
    await node.run({ script: 'printf "# the end" >>/etc/fstab' })
    const before = await readFstab()
    const { begun } = await applied([makeDirectory, persist])
    assert.equal(
      (await readFstab()).toString('latin1'),
      `${before.toString('latin1')}\n${Buffer.from(block).toString('latin1')}`,
    )
    await undo(node, begun)
    assert.deepEqual(await readFstab(), before)
  })

  it('says that the line stays, where fstab became a symbolic link, was rewritten, or is changed at the moment', async () => {
    const { begun } = await applied([makeDirectory, persist])
    const isTold = async (why: RegExp, shell = node) => {
      const before = await readFstab()
      await assert.rejects(undo(shell, begun), why)
      assert.ok((await readFstab()).includes(before))
    }
    await node.run({ script: 'mv /etc/fstab /etc/real; ln -s real /etc/fstab' })
    await isTold(/the line for .* in \/etc\/fstab stays: \/etc\/fstab is a symbolic link to real/)
    assert.equal(await outputOf('stat', '-c', '%F %a', '/etc/fstab'), 'symbolic link 777\n')
    await node.run({ script: "rm /etc/fstab; sed -i 's/$/\\r/' /etc/real; mv /etc/real /etc/fstab" })
    await isTold(/stays: it is in no block of dr-drill any more/)
    await node.run({ script: "sed -i 's/\\r$//' /etc/fstab" })
    const beforehand = (script: string): Shell => ({
      where: node.where,
      try: (command, options) => node.try(command, options),
      run: async (command, options) => {
        if (!('script' in command)) await node.run({ script })
        return await node.run(command, options)
      },
    })
    await isTold(/stays: \/etc\/fstab was changed by somebody else/, beforehand('echo "# theirs" >>/etc/fstab'))
    await isTold(
      /stays: \/etc\/fstab is a symbolic link, or no file, now/,
      beforehand('mv /etc/fstab /etc/real; ln -s real /etc/fstab'),
    )
    await node.run({ script: 'mv /etc/real /etc/fstab' })
    await undo(node, begun)
    assert.deepEqual(await readFstab(), Buffer.concat([fstab, Buffer.from('# theirs\n')]))
  })

  it('leaves nothing of a power cut beside fstab, wherever it came', async () => {
    const { begun } = await applied([makeDirectory, persist])
    await undo(node, begun)
    const cut = 'cp /etc/fstab /etc/fstab.before-dr-drill; echo half >/etc/fstab.before-dr-drill.new'
    await node.run({ script: `${cut}; echo half >/etc/fstab.dr-drill` })
    await undo(node, begun)
    assert.equal(await outputOf('ls', '/etc'), 'fstab\n')
    assert.deepEqual(await readFstab(), fstab)
  })

  it('keeps beside it what was there before this time, not before an earlier one', async () => {
    await node.run({ script: 'echo "# of long ago" >/etc/fstab.before-dr-drill' })
    await applied([makeDirectory, persist])
    assert.deepEqual(Buffer.from(await outputOf('base64', '/etc/fstab.before-dr-drill'), 'base64'), fstab)
  })

  it('binds where there is no fstab, and keeps nothing there', async () => {
    await node.run(['rm', '/etc/fstab'])
    await assert.rejects(applied([persist]), /there is no \/etc\/fstab/)
    const { whyNotFstab, pairs } = await readNode(node, [{ local, origin }])
    assert.deepEqual([whyNotFstab, pairs[0]?.isKeptInFstab], ['there is no /etc/fstab', false])
    await undo(node, [{ where: 'node', action: persist, before: {}, inverse: { kind: 'forget', local, origin } }])
    assert.equal(await outputOf('ls', '/etc'), '')
  })

  it('refuses a symbolic link, and the line ends of Windows', async () => {
    await node.run({ script: 'mv /etc/fstab /etc/real; ln -s real /etc/fstab' })
    await assert.rejects(applied([persist]), /cannot keep the bind .*: \/etc\/fstab is a symbolic link to real/)
    await node.run({ script: 'rm /etc/fstab; printf "tmpfs /tmp tmpfs 0 0\\r\\n" >/etc/real; mv /etc/real /etc/fstab' })
    await assert.rejects(applied([persist]), /line 1 of \/etc\/fstab ends as in Windows/)
    assert.equal(await outputOf('ls', '/etc'), 'fstab\n')
  })

  it('refuses what findmnt finds an error in that was not there before', async () => {
    await assert.rejects(applied([persist]), /findmnt --verify says .*unreachable/)
    assert.deepEqual(await readFstab(), fstab)
    assert.equal(await outputOf('ls', '/etc'), 'fstab\n')
  })

  it('leaves fstab whole where it cannot be written', async () => {
    await node.run(['mount', '-o', 'remount,ro', '/etc'])
    try {
      await assert.rejects(applied([persist]), /\/etc\/fstab cannot be written/)
      assert.deepEqual(await readFstab(), fstab)
    } finally {
      await node.run(['mount', '-o', 'remount,rw', '/etc'])
    }
  })

  it('takes back what was begun and not done', async () => {
    // No directory to bind to: the bind is begun, and fails.
    const begun: AppliedAction[] = []
    await assert.rejects(applied([bind, makeDirectory], begun), CommandError)
    assert.deepEqual(
      begun.map(({ action }) => action.kind),
      ['bind'],
    )
    await undo(node, begun)
    assert.equal(await exists(`${folder}/mounts/groß alt`), false)
  })

  it('takes back a second time without harm', async () => {
    const { begun } = await applied(planBindMount({ local, origin, persist: true }))
    await undo(node, begun)
    await undo(node, begun)
    assert.deepEqual(await readFstab(), fstab)
    assert.equal(await isMounted(local), true)
  })

  it('does not remove a directory that has come to hold something', async () => {
    const { begun } = await applied([makeDirectory])
    await node.run(['touch', `${origin}/not ours`])
    await assert.rejects(undo(node, begun), { message: `node: ${origin} is not empty` })
    assert.equal(await exists(`${origin}/not ours`), true)
  })

  it('says what would be taken back, and changes nothing; that is what is taken back then', async () => {
    const { begun } = await applied(planBindMount({ local, origin, persist: true }))
    // In the folder that was made for the first.
    const second = origin.replace('b3JpZ2lu', 'c2Vjb25k')
    begun.push(...(await applied(planBindMount({ local, origin: second, persist: false }))).begun)
    const everything = () =>
      node.run({ script: 'find "$1" /etc -xdev | sort; base64 /etc/fstab; findmnt -n -o TARGET', args: [folder] })
    const statesOf = async (isOnlyLooked: boolean) =>
      (await undoEach(node, begun, isOnlyLooked)).map(({ applied: one, state, why }) => [one.action.kind, state, why])
    const isAsSaid = async (said: readonly unknown[]) => {
      const before = (await everything()).stdout
      assert.deepEqual(await statesOf(true), said)
      assert.equal((await everything()).stdout, before)
      assert.deepEqual(await statesOf(false), said)
    }
    await node.run({ script: 'umount "$1"; mount -t tmpfs none "$1"', args: [second] })
    await isAsSaid([
      ['bind', 'stays', `what is mounted at ${second} now is not what was bound`],
      ['make-directory', 'stays', `something is mounted at ${second}`],
      ['persist', 'there', undefined],
      ['bind', 'there', undefined],
      ['make-directory', 'stays', `${folder}/mounts/groß alt is not empty`],
    ])
    await node.run(['umount', second])
    await isAsSaid([
      ['bind', 'gone', undefined],
      ['make-directory', 'there', undefined],
      ['persist', 'gone', undefined],
      ['bind', 'gone', undefined],
      ['make-directory', 'there', undefined],
    ])
    assert.equal(await exists(`${folder}/mounts/groß alt`), false)
  })

  it('looks below what would be unmounted, and at fstab as it is', async () => {
    const { begun } = await applied(planBindMount({ local, origin, persist: true }))
    await node.run({
      script: 'umount "$1"; : >"$1/theirs"; mount --bind "$2" "$1"; mv /etc/fstab /etc/real; ln -s real /etc/fstab',
      args: [origin, local],
    })
    const fates = await undoEach(node, begun, true)
    assert.deepEqual(
      fates.map(({ state, why }) => [state, why?.replace(/.*: /, '')]),
      [
        ['stays', 'what makes that file has to keep the bind'],
        ['there', undefined],
        ['stays', `${origin} is not empty`],
      ],
    )
  })
})
