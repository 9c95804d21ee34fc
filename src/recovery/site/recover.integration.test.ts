import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { persistently } from '../../image/luks.fixture.ts'
import { LocalShell } from '../../shell/local.ts'
import { inMountNamespace } from '../../shell/mount-namespace.ts'
import { type CommandOptions, type Shell, ShellError } from '../../shell/shell.ts'
import { checkNodes } from './check.ts'
import { sayBroken } from './needs.ts'
import { isDone, makePlan, type RecoveryPlan } from './plan.ts'
import { loadPlan, savePlan, whatMoved } from './plan-file.ts'
import { planScript } from './plan-script.ts'
import { Records, standingAt } from './record.ts'
import { type NodeResult, recover } from './recover.ts'
import type { Secrets } from './secrets.ts'
import { lookAtTakingBack, takeBack } from './take-back.ts'
import type { Crew, Member } from './team.ts'
import { describePlan, describeTakeBack } from './text.ts'
import { wouldChange, wouldStay } from './to-take-back.ts'
import type { Thoroughness } from './verify.ts'

const folder = mkdtempSync(join(tmpdir(), 'recover-'))
const local = `${folder}/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ==`
const origin = `${folder}/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=`
const data = `${folder}/data`
const user = { uid: 65534, gid: 65534 }
const workload = 'workload_3c2fbee5-ad90-4448-b009-5047bcffc2ea'
const image = (snapshot: number) => `${workload}/snapshot_${snapshot}/vm_id_1/vm_res_id_1_vda/image-${snapshot}`
const fstab = `10.20.2.20:/replica ${local} nfs soft 0 0\n`
const signal = new AbortController().signal

/** This machine with mounts, an /etc and a /run of its own, which nobody else sees: a node. */
class Node implements Member, AsyncDisposable {
  readonly where: string
  readonly shell: Shell
  readonly #holder: ChildProcess

  private constructor(where: string, holder: ChildProcess) {
    this.where = where
    this.#holder = holder
    const inside = inMountNamespace(new LocalShell(), `/proc/${holder.pid}/ns/mnt`)
    this.shell = { ...inside, where }
  }

  static async start(where: string): Promise<Node> {
    const script = `mount -t tmpfs none /etc; mount -t tmpfs none /run; mount -t tmpfs none "$1"
      mkdir -p "$2" && mount --bind "$3" "$2" && printf %s "$4" >/etc/fstab && echo ready && exec sleep infinity`
    const args = ['--mount', '--propagation', 'private', 'sh', '-euc', script, 'sh', dirname(local), local, data, fstab]
    const holder = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(holder.stdout, 'data')
    return new Node(where, holder)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#holder.exitCode === null && this.#holder.kill('SIGKILL')) await once(this.#holder, 'exit')
  }

  async output(script: string): Promise<string> {
    return (await this.shell.run({ script, args: [local, origin] })).stdout
  }

  /** What a recovery may change. */
  state(): Promise<string> {
    return this.output('cat /etc/fstab; ls -A /etc /run "${1%/*}"; findmnt -nro MAJ:MIN,FSROOT -M "$2" || :')
  }
}

/** Loses its connection at a command: before it is carried out, or after. */
class Failing implements Shell {
  readonly where: string
  readonly #shell: Shell
  readonly #at: number
  readonly #isAfter: boolean
  commands = 0

  constructor(shell: Shell, at: number, isAfter: boolean) {
    this.where = shell.where
    this.#shell = shell
    this.#at = at
    this.#isAfter = isAfter
  }

  readonly run: Shell['run'] = (command, options) => this.#do('run', command, options)
  readonly try: Shell['try'] = (command, options) => this.#do('try', command, options)

  async #do(how: 'run' | 'try', command: Parameters<Shell['run']>[0], options?: CommandOptions) {
    const isLost = ++this.commands >= this.#at
    if (isLost && !(this.#isAfter && this.commands === this.#at)) throw new ShellError(this.where, 'connection lost')
    const result = await this.#shell[how](command, options)
    if (isLost) throw new ShellError(this.where, 'connection lost')
    return result
  }
}

const isRoot = process.getuid?.() === 0

describe('recovery of a site', { skip: !isRoot && 'needs root, to mount' }, () => {
  let nodes: readonly Node[]
  let records: Records

  before(() => {
    for (const path of [dirname(local), ...[0, 1, 2].map((index) => `${data}/${dirname(image(index))}`)])
      mkdirSync(path, { recursive: true })
    const qemuImg = (...args: string[]) => execFileSync('qemu-img', args)
    writeFileSync(`${folder}/raw`, Buffer.alloc(1 << 20, 'content'))
    qemuImg('convert', '-O', 'qcow2', `${folder}/raw`, `${data}/${image(0)}`)
    for (const index of [1, 2]) {
      const [path, parent] = [`${data}/${image(index)}`, `${data}/${image(index - 1)}`]
      qemuImg('create', '-q', '-f', 'qcow2', '-b', parent, '-F', 'qcow2', path)
      execFileSync('qemu-io', ['-c', `write -P ${index} ${index * 65536} 64k`, path])
    }
    for (const index of [1, 2])
      qemuImg('rebase', '-u', '-F', 'qcow2', '-b', `${origin}/${image(index - 1)}`, `${data}/${image(index)}`)
    execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, data])
    execFileSync('chmod', ['755', folder])
  })
  after(() => rmSync(folder, { recursive: true, force: true }))
  beforeEach(async () => {
    nodes = await Promise.all(['a/appliance', 'a/compute-1', 'a/compute-2'].map((where) => Node.start(where)))
    records = new Records(mkdtempSync(join(folder, 'records-')))
  })
  afterEach(async () => {
    await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()))
  })

  const crew = (members: readonly Member[] = nodes): Crew => ({
    site: 'a',
    members,
    targets: [local],
    user: undefined,
    mountedBy: undefined,
  })
  const plan = async (members?: readonly Member[], strategy: RecoveryPlan['strategy'] = 'bind-mount') =>
    await makePlan(crew(members), { strategy, persist: true, nowMs: Date.now(), signal })
  const options = (thoroughness: Thoroughness = 'all') => ({
    records,
    thoroughness,
    concurrency: 2,
    nowMs: Date.now(),
    signal,
    say: () => {},
  })
  const statesOf = (results: readonly NodeResult[]) => results.map(({ state }) => state)
  async function doRecover(members?: readonly Member[], thoroughness: Thoroughness = 'all') {
    const planned = await plan(nodes)
    return await recover(crew(members), planned.plan, planned.images, options(thoroughness))
  }

  it('restores on every node, has nothing left to do, and is taken back without a trace', async () => {
    const before = await Promise.all(nodes.map((node) => node.state()))
    assert.deepEqual(
      (await checkNodes(crew(), (await plan()).plan, signal)).map(({ path, state }) => [path, state]),
      Array(3)
        .fill([
          [local, 'resolves'],
          [origin, 'missing'],
        ])
        .flat(),
    )
    const results = await doRecover()
    assert.deepEqual(
      results.map(({ state, done, verdict }) => [state, done, verdict?.read]),
      Array(3).fill(['recovered', 3, 3]),
    )
    const { plan: again } = await plan()
    assert.deepEqual(
      again.nodes.flatMap(({ actions }) => actions),
      [],
    )
    assert.ok((await checkNodes(crew(), again, signal)).every(({ state }) => state === 'resolves'))
    const undone = await takeBack(crew(), options())
    assert.deepEqual(statesOf(undone), ['taken back', 'taken back', 'taken back'])
    assert.deepEqual(await Promise.all(nodes.map((node) => node.state())), before)
    assert.deepEqual(await takeBack(crew(), options()), [])
  })

  it('is finished, and taken back, wherever the connection was lost', async () => {
    const [node, ...others] = nodes
    assert.ok(node)
    const before = await node.state()
    const counted = new Failing(node.shell, Number.POSITIVE_INFINITY, false)
    const failing = async (shell: Shell) => await doRecover([{ where: node.where, shell }, ...others], 'none')
    assert.deepEqual(statesOf(await failing(counted)), ['recovered', 'recovered', 'recovered'])
    await takeBack(crew(), options())
    assert.ok(counted.commands >= 6)
    for (let at = 1; at <= counted.commands; at++) {
      for (const isAfter of [false, true]) {
        const moment = `${isAfter ? 'after' : 'at'} command ${at}`
        const state = statesOf(await failing(new Failing(node.shell, at, isAfter)))
        // All is done when only the lock was to be given back.
        if (at < counted.commands) assert.deepEqual(state, ['unknown', 'recovered', 'recovered'], moment)
        await node.output('rm -rf /run/dr-drill-recovery')
        if (at % 2 === 0)
          assert.deepEqual(statesOf(await doRecover(nodes, 'sample')), Array(3).fill('recovered'), moment)
        const undone = statesOf(await takeBack(crew(), options()))
        assert.ok(
          undone.every((one) => one === 'taken back'),
          moment,
        )
        assert.equal(await node.state(), before, moment)
      }
    }
  })

  it('leaves the others their results where one has something else at the origin path', async () => {
    await nodes[1]?.output('mkdir "$2"; mount -t tmpfs none "$2"')
    const results = await doRecover()
    assert.deepEqual(statesOf(results), ['recovered', 'failed', 'recovered'])
    assert.match(results[1]?.why ?? '', /is mounted at .* already/)
    // What needs no origin path restores there too.
    assert.deepEqual(
      results.map(({ verdict }) => verdict?.read),
      [3, 1, 3],
    )
  })

  it('does not pass a node whose service sees something else, or cannot be entered', async () => {
    const [first, second, third] = nodes
    assert.ok(first && second && third)
    await using container = await Node.start('container')
    const blind = { where: first.where, shell: first.shell, service: async () => container.shell }
    const closed = {
      where: second.where,
      shell: second.shell,
      service: () => Promise.reject(new Error('no container')),
    }
    const results = await doRecover([blind, closed, third])
    assert.deepEqual(statesOf(results), ['failed', 'unknown', 'recovered'])
    assert.match(results[0]?.why ?? '', /No such file/)
    assert.equal(results[1]?.why, 'no container')
    const resolutions = await checkNodes(crew([blind, closed, third]), (await plan()).plan, signal)
    assert.deepEqual(
      resolutions.map(({ state }) => state),
      ['resolves', 'missing', 'unknown', 'unknown', 'resolves', 'resolves'],
    )
  })

  it('fails for data that reads well and is not what lies on the target', async () => {
    const planned = await plan()
    await nodes[2]?.output(`mkdir "$2"; mount -t tmpfs none "$2"; cp -a "$1"/. "$2"
      qemu-io -c 'write -P 9 512k 64k' "$2/${image(0)}" >/dev/null`)
    const { plan: now, images } = planned
    const nothing = { ...now, nodes: now.nodes.map((node) => ({ ...node, actions: [] })) }
    const results = await recover(crew(nodes.slice(2)), nothing, images, options())
    assert.match(results[0]?.why ?? '', /it reads as something else than what is there/)
  })

  it('fails where another share is mounted at the right path, with images of the same names', async () => {
    await nodes[2]?.output(`cp -a "$1" /run/other; umount "$1"
      qemu-io -c 'write -P 9 512k 64k' "/run/other/${image(0)}" >/dev/null; mount --bind /run/other "$1"`)
    const results = await doRecover()
    assert.deepEqual(statesOf(results), ['recovered', 'recovered', 'failed'])
    assert.match(results[2]?.why ?? '', /image-0 is another file on a\/appliance \(and 2 more\)/)
  })

  it('names the node that has another share at the right path, or none, when it is checked', async () => {
    await doRecover(nodes, 'none')
    const { plan: made } = await plan()
    const wrongAt = async (members: readonly Member[], listedBy: string) =>
      (await checkNodes(crew(members), { ...made, listedBy }, signal)).flatMap(({ where, path, state, why }) =>
        state === 'resolves' ? [] : [[where, path, state, why]],
      )
    assert.deepEqual(await wrongAt(nodes, 'a/appliance'), [])
    const newest = `${local}/${image(2)}`
    await nodes[1]?.output(`cp -a "$1" /run/other; umount "$2" "$1"; touch -d @1 "/run/other/${image(2)}"
      mount --bind /run/other "$1"; mount --bind "$1" "$2"`)
    const said = (than: string) => `what is there is not what ${than} has there: ${newest}`
    assert.deepEqual(await wrongAt(nodes, 'a/appliance'), [['a/compute-1', local, 'wrong', said('a/appliance')]])
    // Who listed the images may be the one that has another share now.
    assert.deepEqual(await wrongAt(nodes, 'a/compute-1'), [['a/compute-1', local, 'wrong', said('a/appliance')]])
    await nodes[1]?.output('rm -r /run/other/*')
    assert.deepEqual(await wrongAt(nodes.slice(0, 2), 'a/compute-1'), [
      ['a/appliance', local, 'wrong', said('a/compute-1')],
    ])
    await nodes[1]?.output('chmod 700 /run/other; chown 0:0 /run/other')
    const [closed] = await wrongAt(nodes, 'a/compute-1')
    assert.deepEqual(closed?.slice(0, 3), ['a/compute-1', local, 'unknown'])
  })

  it('does not say that nodes have the same share where nobody can read what is on it', async () => {
    await doRecover(nodes, 'none')
    const { plan: made } = await plan()
    const workload = `${data}/${image(0).split('/')[0]}`
    const [before, files] = [statSync(workload).mode, `find ${workload} -type f`]
    const sharesOf = async () =>
      (await checkNodes(crew(), made, signal))
        .filter(({ path }) => path === local)
        .map(({ state, why }) => [state, why])
    for (const [closes, opens, says] of [
      [`chmod 0 ${workload}`, `chmod ${(before & 0o777).toString(8)} ${workload}`, /Permission denied/],
      [`${files} -exec chmod 0 {} +`, `${files} -exec chmod 644 {} +`, /none of its files can be read/],
    ] as const) {
      await nodes[0]?.output(closes)
      try {
        const shares = await sharesOf()
        assert.deepEqual(
          shares.map(([state]) => state),
          ['unknown', 'unknown', 'resolves'],
        )
        assert.match(`${shares[0]?.[1]}`, says)
      } finally {
        await nodes[0]?.output(opens)
      }
    }
  })

  it('does not say that all is well where nothing is needed, and a node has not got the share', async () => {
    for (const node of nodes)
      await node.output('mkdir "$2"; mount --bind "$1" "$2"; for p in "$1" "$2"; do mountpoint -q "$p"; done')
    await nodes[1]?.output('umount "$2" "$1"')
    const there: Crew = { ...crew(), targets: [origin] }
    const { plan: nothing } = await makePlan(there, { strategy: 'bind-mount', persist: false, nowMs: 0, signal })
    assert.deepEqual(nothing.needs, [])
    assert.deepEqual(
      (await checkNodes(there, nothing, signal)).map(({ state }) => state),
      ['resolves', 'missing', 'resolves'],
    )
    assert.equal(isDone(nothing), false)
    assert.equal(isDone({ ...nothing, nodes: nothing.nodes.filter(({ where }) => where !== 'a/compute-1') }), true)
    assert.match(nothing.nodes[1]?.refusals[0]?.why ?? '', /nothing is mounted at/)
  })

  it('does not say that all is well of images that it could not read, and of parents that are nowhere', async () => {
    const disk = `${data}/workload_9/snapshot_1/vm_id_1/vm_res_id_1_vda`
    mkdirSync(disk, { recursive: true })
    const said = async () => {
      const { plan: made, images } = await plan()
      const checked = await checkNodes(crew(), made, signal)
      const [first] = await recover(crew(), made, images, options('sample'))
      await takeBack(crew(), options())
      return [made.unread.length, made.broken, isDone(made), checked.at(-1)?.state, first?.state, first?.why]
    }
    try {
      writeFileSync(`${disk}/.nfs0001`, 'left by NFS')
      writeFileSync(`${disk}/image`, 'garbage')
      const why = `not all images were seen: ${disk.replace(data, local)}/image: it is no qcow2 image`
      assert.deepEqual(await said(), [1, [], false, 'unknown', 'unknown', why])
      execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', `${disk}/image`, '1M'])
      execFileSync('qemu-img', ['rebase', '-u', '-F', 'qcow2', '-b', `${origin}/workload_9/gone`, `${disk}/image`])
      execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, data])
      const broken = { origin, images: 1 }
      assert.deepEqual(await said(), [0, [broken], false, 'missing', 'failed', sayBroken(broken)])
    } finally {
      rmSync(`${data}/workload_9`, { recursive: true })
    }
  })

  it('takes back only what was done on that very host, and goes on without one that is no more', async () => {
    await nodes[0]?.output('echo 11111111111111111111111111111111 >/etc/machine-id')
    await doRecover(nodes, 'none')
    const before = await nodes[0]?.state()
    await nodes[0]?.output('echo 22222222222222222222222222222222 >/etc/machine-id')
    const results = await takeBack(crew(nodes.slice(0, 2)), options())
    assert.deepEqual(
      results.map(({ where, state }) => [where, state]),
      [
        ['a/appliance', 'unknown'],
        ['a/compute-1', 'taken back'],
        ['a/compute-2', 'unknown'],
      ],
    )
    assert.match(results[0]?.why ?? '', /on another host of this name/)
    assert.equal(await nodes[0]?.state(), before)
    await nodes[0]?.output('echo 11111111111111111111111111111111 >/etc/machine-id')
    const states = (await takeBack(crew(), options())).map(({ where, state }) => [where, state])
    assert.deepEqual(states, [
      ['a/appliance', 'taken back'],
      ['a/compute-2', 'taken back'],
    ])
  })

  it('takes back the rest where something stands against it, and what stayed when that is gone', async () => {
    const before = await Promise.all(nodes.map((node) => node.state()))
    await doRecover(nodes, 'none')
    await nodes[1]?.output('umount "$2"; mount -t tmpfs none "$2"')
    const undone = await takeBack(crew(), options())
    assert.deepEqual(statesOf(undone), ['taken back', 'failed', 'taken back'])
    assert.match(undone[1]?.why ?? '', /now is not what was bound/)
    assert.deepEqual(
      standingAt(records.read('a'))
        .get('a/compute-1')
        ?.flatMap(({ actions }) => actions.map(({ action }) => action.kind)),
      ['make-directory', 'bind'],
    )
    await nodes[1]?.output('umount "$2"')
    assert.deepEqual(
      (await takeBack(crew(), options())).map(({ where, state }) => [where, state]),
      [['a/compute-1', 'taken back']],
    )
    assert.deepEqual(await Promise.all(nodes.map((node) => node.state())), before)
  })

  it('says of each node what would be taken back, as it is there now, and changes nothing', async () => {
    await doRecover(nodes, 'none')
    await nodes[0]?.output('umount "$2"')
    await nodes[1]?.output('umount "$2"; mount -t tmpfs none "$2"')
    const closed = (where: string, shell: Shell) => ({ where, shell: new Failing(shell, 1, false) })
    const [first, second, third] = nodes
    assert.ok(first && second && third)
    const before = await Promise.all(nodes.map((node) => node.state()))
    const looked = await lookAtTakingBack(crew([first, second, closed(third.where, third.shell)]), options())
    assert.deepEqual(await Promise.all(nodes.map((node) => node.state())), before)
    assert.deepEqual(
      looked.map(({ steps, unknown }) => [steps.map(({ step, state }) => `${step.kind} ${state}`), unknown]),
      [
        [['forget there', 'unbind gone', 'remove-directories there'], undefined],
        [['forget there', 'unbind stays', 'remove-directories stays'], undefined],
        [[], 'a/compute-2: connection lost'],
      ],
    )
    assert.deepEqual(looked.map(wouldChange), [true, true, true])
    assert.deepEqual(looked.map(wouldStay), [false, true, false])
    assert.match(describeTakeBack(looked), /compute-1:\n[^]*refused: unmount .*: what is mounted at .* is not what was/)
    const undone = await takeBack(crew(), options())
    assert.deepEqual(statesOf(undone), ['taken back', 'failed', 'taken back'])
    await second.output('echo theirs >/run/owner; mkdir /run/dr-drill-recovery; mv /run/owner /run/dr-drill-recovery')
    await assert.rejects(lookAtTakingBack(crew(), options()), /compute-1: another recovery is under way there: theirs/)
    const [rest] = await lookAtTakingBack(crew([first]), options())
    assert.deepEqual(
      [rest?.where, rest?.unknown],
      [second.where, 'something was done there, and the site has no such node'],
    )
  })

  it('takes names back though retention has removed an image and merged another, and not while the share is away', async () => {
    const paths = ['removed', 'merged'].map((name) => `${dirname(`${data}/${image(2)}`)}/${name}`)
    const nameIn = (path: string) => execFileSync('qemu-img', ['info', path], { encoding: 'utf8' })
    try {
      for (const path of paths) {
        execFileSync('cp', ['-p', `${data}/${image(2)}`, path])
        execFileSync('chown', [`${user.uid}:${user.gid}`, path])
      }
      const { plan: made, images } = await plan(nodes, 'rebase')
      assert.deepEqual(statesOf(await recover(crew(), made, images, options('none'))), Array(3).fill('recovered'))
      await nodes[0]?.output('umount "$1"')
      const away = await takeBack(crew(), options())
      assert.deepEqual(statesOf(away), ['failed'])
      assert.match(away[0]?.why ?? '', /4 images could not be given their old names: .* is gone/)
      await nodes[0]?.output(`mount --bind '${data}' "$1"`)
      const [removed = '', merged = ''] = paths
      rmSync(removed)
      execFileSync('qemu-img', ['rebase', '-u', '-F', 'qcow2', '-b', `${local}/${image(0)}`, merged])
      const [look] = await lookAtTakingBack(crew(), options())
      assert.deepEqual([look?.renames.length, look?.imagesStay], [2, undefined])
      assert.match(look?.note ?? '', /2 images are not what was written any more/)
      assert.match(nameIn(`${data}/${image(2)}`), new RegExp(`backing file: ${local}`))
      const undone = await takeBack(crew(), options())
      assert.deepEqual(statesOf(undone), ['taken back'])
      assert.match(undone[0]?.why ?? '', /2 images are not what was written any more, and are left as they are/)
      assert.match(nameIn(`${data}/${image(2)}`), new RegExp(`backing file: ${origin}`))
      assert.match(nameIn(merged), new RegExp(`backing file: ${local}`))
      assert.deepEqual(await takeBack(crew(), options()), [])
    } finally {
      for (const path of paths) rmSync(path, { force: true })
    }
  })

  it('does nothing at all where another recovery is under way on a node', async () => {
    await doRecover(nodes.slice(0, 1), 'none')
    const theirs = 'mkdir /run/dr-drill-recovery; echo theirs >/run/dr-drill-recovery/owner'
    await nodes[2]?.output(theirs)
    const before = await Promise.all(nodes.map((node) => node.state()))
    await assert.rejects(doRecover(), /compute-2: another recovery is under way there: theirs/)
    assert.deepEqual(await Promise.all(nodes.map((node) => node.state())), before)
    await nodes[0]?.output(theirs)
    await assert.rejects(takeBack(crew(), options()), /appliance: another recovery is under way there/)
  })

  it('locks every node until the last chain was read', async () => {
    const seen: string[] = []
    const watched = nodes.map((node): Member => {
      const look = async () => {
        seen.push(await node.output('ls -d /run/dr-drill-*'))
        return node.shell
      }
      return { where: node.where, shell: node.shell, service: look }
    })
    assert.deepEqual(statesOf(await doRecover(watched)), Array(3).fill('recovered'))
    assert.deepEqual(seen, Array(3).fill('/run/dr-drill-recovery\n'))
    assert.doesNotMatch((await nodes[0]?.output('ls /run')) ?? '', /dr-drill/)
  })

  it('refuses plans that were tampered with, and says what moved', async () => {
    const { plan: made } = await plan()
    const file = join(folder, 'plan.json')
    savePlan(file, made)
    assert.deepEqual(loadPlan(file), made)
    assert.deepEqual(whatMoved(made, (await plan()).plan), [])
    await nodes[1]?.output('mkdir "$2"; : >"$2/file"')
    assert.match(
      whatMoved(made, (await plan()).plan).join(),
      /compute-1: .*origin was .*"missing".* and is .*"directory"/,
    )
    writeFileSync(file, readFileSync(file, 'utf8').replace('"bind-mount"', '"rebase"'))
    assert.throws(() => loadPlan(file), /was changed after it was made/)
    for (const text of ['', '{}', 'null', '[1]', '{"format":"dr-drill recovery plan 2"}']) {
      writeFileSync(file, text)
      assert.throws(() => loadPlan(file), /is no plan/, text)
    }
  })

  it('is a script that does the same on every node, and can be run again', async () => {
    const text = planScript((await plan()).plan)
    for (const node of [...nodes, ...nodes]) await node.shell.run({ script: text })
    const { plan: again } = await plan()
    assert.deepEqual(
      again.nodes.flatMap(({ actions, refusals }) => [...actions, ...refusals]),
      [],
    )
    assert.match(planScript(again), /# nothing to do/)
  })

  it('is a script that takes the name of a node where they differ', async () => {
    await nodes[1]?.output('mkdir "$2"; : >"$2/file"')
    const script = planScript((await plan()).plan)
    const codes: (number | null)[] = []
    for (const node of nodes) codes.push((await node.shell.try({ script, args: [node.where] })).exitCode)
    assert.deepEqual(codes, [0, 1, 0])
    assert.equal((await nodes[0]?.shell.try({ script }))?.exitCode, 2)
  })

  it('rebases as a script, by recovering, and back', async () => {
    const planned = await plan(nodes, 'rebase')
    const names = async () =>
      await nodes[0]?.output(`for i in 1 2; do qemu-img info "$1"/*/snapshot_$i/*/*/*; done | grep 'backing file:'`)
    const before = await names()
    assert.deepEqual(
      statesOf(await recover(crew(), planned.plan, planned.images, options())),
      Array(3).fill('recovered'),
    )
    const rebased = await names()
    assert.ok(rebased?.includes(local) && !rebased.includes(origin))
    await takeBack(crew(), options())
    assert.equal(await names(), before)
    for (const _ of ['once', 'again']) await nodes[0]?.shell.run({ script: planScript(planned.plan) })
    assert.equal(await names(), rebased)
    const record = await recover(crew(), planned.plan, planned.images, options())
    assert.deepEqual(statesOf(record), Array(3).fill('recovered'))
    await takeBack(crew(), options())
    assert.equal(await names(), before)
  })

  it('refuses in the plan what cannot be rebased: on a read-only share, or as somebody else', async () => {
    const request = { strategy: 'rebase', persist: false, nowMs: Date.now(), signal } as const
    const stranger = await makePlan({ ...crew(), user: { uid: 1000, gid: 1000 } }, request)
    const whys = ({ plan: { rebase } }: typeof stranger) => rebase?.refused.map(({ why }) => why)
    assert.deepEqual(whys(stranger), Array(2).fill('user 1000 may not write to it'))
    assert.equal(stranger.plan.foreign, 3)
    await nodes[0]?.output('mount -o remount,bind,ro "$1"')
    const planned = await makePlan(crew(), request)
    assert.deepEqual(whys(planned), Array(2).fill('the file system is mounted read-only'))
    assert.deepEqual([planned.plan.rebase?.renames, planned.plan.foreign], [[], 0])
  })

  it('names a node whose qemu-img is too old for what images have, with either strategy', async () => {
    const disk = `${data}/workload_9/snapshot_1/vm_id_1/vm_res_id_1_vda`
    mkdirSync(disk, { recursive: true })
    try {
      for (const option of ['compression_type=zstd', 'extended_l2=on'])
        execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-o', option, `${disk}/${option}`, '1M'])
      execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, data])
      const { plan: well } = await plan()
      assert.deepEqual(well.formats, { 'compat=1.1': 5, zstd: 1, 'extended L2': 1 })
      assert.deepEqual(
        well.nodes.flatMap(({ refusals, notes }) => [...refusals, ...notes]),
        [],
      )
      // An old one cannot be had here: what it says of itself.
      await nodes[0]?.output(`printf '#!/bin/sh\necho "qemu-img version 4.2.1 (Debian 1:4.2-3ubuntu6.28)"\n' >/run/old
        chmod 755 /run/old; mount --bind /run/old "$(command -v qemu-img)"`)
      const { plan: made } = await plan()
      const whys = ['compression by zstd: from 5.1', 'subclusters: from 5.2'].map(
        (what) => `qemu-img 4.2.1 does not open 1 of the images, which have ${what} on`,
      )
      assert.deepEqual(
        made.nodes.map(({ refusals }) => refusals.map(({ why }) => why)),
        [whys, [], []],
      )
      assert.deepEqual(
        made.nodes.map(({ actions }) => actions.length),
        [3, 3, 3],
      )
      assert.match(
        describePlan(made),
        /\nqemu-img: 4\.2\.1 on a\/appliance; \d+\.\d+\.\d+ on a\/compute-1, a\/compute-2\n/,
      )
      const { plan: renaming } = await plan(nodes, 'rebase')
      assert.deepEqual(renaming.rebase?.refused, [{ path: 'a/appliance', why: whys[0] }])
      assert.match(describePlan(renaming), /a\/appliance: qemu-img 4\.2\.1 does not open 1 of the images/)
    } finally {
      rmSync(`${data}/workload_9`, { recursive: true })
    }
  })

  it('refuses what a hostile name in an image leads to, on every node, with either strategy', async () => {
    const path = `${data}/workload_9/snapshot_1/vm_id_1/vm_res_id_1_vda/odd`
    mkdirSync(dirname(path), { recursive: true })
    try {
      for (const origin of [
        '/var/a/../../etc/L2E=',
        '/etc/cron.d/L2E=',
        '/var/a\nb/L2E=',
        `/var/${'a/'.repeat(400)}-rf`,
      ]) {
        execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', path, '1M'])
        execFileSync('qemu-img', ['rebase', '-u', '-F', 'qcow2', '-b', `${origin}/${image(0)}`, path])
        execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, data])
        const { plan: bind } = await plan()
        const refused = bind.nodes.map(({ refusals }) => refusals.map((one) => one.origin))
        assert.deepEqual(refused, Array(3).fill([origin]), origin)
        assert.ok(bind.nodes.every(({ actions }) => JSON.stringify(actions).includes(origin) === false))
        assert.doesNotThrow(() => planScript(bind))
        if (origin.includes('..') || origin.includes('\n'))
          assert.equal((await plan(nodes, 'rebase')).plan.rebase?.refused.length, 1, origin)
      }
    } finally {
      rmSync(`${data}/workload_9`, { recursive: true })
    }
  })

  it('reads encrypted chains with their secrets, and knows nothing of them without', async () => {
    const locked = 'workload_88888888-ad90-4448-b009-5047bcffc2ea'
    const disk = `${locked}/snapshot_1/vm_id_1/vm_res_id_1_vda`
    const [secretId, payload] = ['6b0c3ac2-5f4e-4f0c-8c0e-4c1f6f4b8f22', Buffer.from('open sesame')]
    mkdirSync(`${data}/${disk}`, { recursive: true })
    try {
      writeFileSync(`${folder}/secret`, payload)
      writeFileSync(`${data}/${locked}/workload_db`, `{"id": "x", "encryption": true, "secret_uuid": "${secretId}"}`)
      const object = ['--object', `secret,id=theirs,file=${folder}/secret`]
      const opened = (name: string) => `driver=qcow2,encrypt.key-secret=theirs,file.filename=${data}/${disk}/${name}`
      const named = (at: string) =>
        `json:{"driver":"qcow2","encrypt.key-secret":"theirs","file":{"driver":"file","filename":"${at}/${disk}/full"}}`
      for (const [name, byte] of [
        ['full', 1],
        ['next', 2],
      ] as const) {
        createLuks(`${data}/${disk}/${name}`, ['--object', `secret,id=s,file=${folder}/secret`])
        execFileSync('qemu-io', [...object, '-c', `write -P ${byte} ${byte * 65536} 64k`, '--image-opts', opened(name)])
      }
      execFileSync('qemu-img', [
        'rebase',
        '-u',
        '-F',
        'qcow2',
        '-b',
        named(origin),
        ...object,
        '--image-opts',
        opened('next'),
      ])
      execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, data])
      const { plan: made, images } = await plan()
      const doing = async (secrets?: Secrets) => {
        const results = await recover(crew(), made, images, { ...options(), ...(secrets && { secrets }) })
        return results.map(({ state, verdict, why }) => [state, verdict?.read, why?.replace(/.*: /s, '')])
      }
      const unknown = `it is encrypted, and its secret ${secretId} is not at hand (--secrets)`
      assert.deepEqual(await doing(), Array(3).fill(['unknown', 3, unknown]))
      assert.deepEqual(await doing(new Map([[secretId, payload]])), Array(3).fill(['recovered', 5, undefined]))
      const [wrong] = await doing(new Map([[secretId, Buffer.from('close sesame')]]))
      assert.deepEqual(wrong?.slice(0, 2), ['failed', 3])
    } finally {
      rmSync(`${data}/${locked}`, { recursive: true })
    }
  })

  it('rebases encrypted images with their secret, and not without', async () => {
    const locked = 'workload_99999999-ad90-4448-b009-5047bcffc2ea'
    const path = `${data}/${locked}/snapshot_1/vm_id_1/vm_res_id_1_vda/locked`
    const [secretId, payload] = ['5a0c3ac2-5f4e-4f0c-8c0e-4c1f6f4b8f11', Buffer.from('open sesame')]
    mkdirSync(dirname(path), { recursive: true })
    try {
      writeFileSync(`${folder}/secret`, payload)
      writeFileSync(`${data}/${locked}/workload_db`, `{"id": "x", "encryption": true, "secret_uuid": "${secretId}"}`)
      const name = `json:{"driver":"qcow2","encrypt.key-secret":"s","file":{"driver":"file","filename":"${origin}/${image(0)}"}}`
      const object = ['--object', `secret,id=s,file=${folder}/secret`]
      createLuks(path, object)
      const opened = ['--image-opts', `driver=qcow2,encrypt.key-secret=s,file.filename=${path}`]
      execFileSync('qemu-img', ['rebase', '-u', '-F', 'qcow2', '-b', name, ...object, ...opened])
      execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, data])
      const nameNow = () => execFileSync('qemu-img', ['info', path], { encoding: 'utf8' })

      const without = await plan(nodes, 'rebase')
      assert.match(without.plan.rebase?.refused[0]?.why ?? '', new RegExp(`its secret ${secretId} is not at hand`))
      assert.match((await recover(crew(), without.plan, without.images, options('none')))[0]?.why ?? '', /is encrypted/)
      assert.ok(nameNow().includes(origin))

      const secrets = new Map([[secretId, payload]])
      const request = { strategy: 'rebase', persist: true, secrets, nowMs: Date.now(), signal } as const
      const planned = await makePlan(crew(), request)
      assert.ok(!JSON.stringify(planned.plan).includes('sesame'))
      const doing = { ...options('none'), secrets }
      assert.deepEqual(statesOf(await recover(crew(), planned.plan, planned.images, doing)), Array(3).fill('recovered'))
      assert.match(nameNow(), /"encrypt.key-secret": ?"s"/)
      assert.ok(nameNow().includes(local) && !nameNow().includes(origin))
      assert.match((await takeBack(crew(), options()))[0]?.why ?? '', /is not at hand/)
      assert.deepEqual(statesOf(await takeBack(crew(), doing)), ['taken back'])
      assert.ok(nameNow().includes(origin))
    } finally {
      rmSync(`${data}/${locked}`, { recursive: true })
    }
  })
})

function createLuks(path: string, object: readonly string[]): void {
  const how = ['-o', 'encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=100']
  persistently(() =>
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', ...object, ...how, path, '1M'], { stdio: 'pipe' }),
  )
}
