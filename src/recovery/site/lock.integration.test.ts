import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { after, before, beforeEach, describe, it } from 'node:test'
import { thisProcess } from '../../localhost/process-identity.ts'
import { LocalShell } from '../../shell/local.ts'
import { inMountNamespace } from '../../shell/mount-namespace.ts'
import { type Shell, ShellError } from '../../shell/shell.ts'
import { lockNodes } from './lock.ts'
import type { SiteNode } from './site-hosts.ts'

const isRoot = process.getuid?.() === 0

describe('the lock of a site', { skip: !isRoot && 'needs root, to mount' }, () => {
  let holders: readonly ChildProcess[]
  let nodes: readonly SiteNode[]

  /** This machine with a private /run. */
  before(async () => {
    const script = 'mount -t tmpfs none /run; echo ready; exec sleep infinity'
    const args = ['--mount', '--propagation', 'private', 'sh', '-euc', script]
    holders = [1, 2].map(() => spawn('unshare', args, { stdio: ['ignore', 'pipe', 'inherit'] }))
    await Promise.all(holders.map(({ stdout }) => stdout && once(stdout, 'data')))
    nodes = holders.map(({ pid }, index) => {
      const where = `node-${index + 1}`
      return { where, shell: { ...inMountNamespace(new LocalShell(), `/proc/${pid}/ns/mnt`), where } }
    })
  })
  after(async () => {
    for (const holder of holders) if (holder.kill('SIGKILL')) await once(holder, 'exit')
  })
  beforeEach(async () => {
    for (const { shell } of nodes) await shell.run({ script: 'rm -rf /run/*' })
  })

  const onFirst = () => nodes.slice(0, 1)
  const heldOn = async () => await Promise.all(nodes.map(async ({ shell }) => (await shell.run(['ls', '/run'])).stdout))
  const isLocked = ['dr-drill-recovery\n', 'dr-drill-recovery\n']

  /** Leaves a lock of a process that has ended, of this machine and its last boot by default. */
  async function leave(changes: Record<string, unknown> = {}, bootId?: string): Promise<void> {
    const identity = { ...(await thisProcess()), startTime: '1', ...(bootId !== undefined && { bootId }) }
    const machine = readFileSync('/etc/machine-id', 'utf8').trim()
    const pidNamespace = readlinkSync('/proc/self/ns/pid')
    const owner = JSON.stringify({ by: 'left', identity, machine, host: hostname(), pidNamespace, ...changes })
    const script = 'mkdir -p /run/dr-drill-recovery; printf %s "$1" >/run/dr-drill-recovery/owner'
    await nodes[0]?.shell.run({ script, args: [owner] })
  }

  it('is held on all nodes once, and can be taken again after its release', async () => {
    const locks = await lockNodes(nodes)
    assert.deepEqual(await heldOn(), isLocked)
    await assert.rejects(
      lockNodes(nodes.toReversed()),
      /node-1: another recovery holds the lock there, and it is running: the recovery of \S+ at /,
    )
    assert.deepEqual(await heldOn(), isLocked)
    await locks[Symbol.asyncDispose]()
    assert.deepEqual(await heldOn(), ['', ''])
  })

  it('is held on all nodes or on none', async () => {
    await nodes[1]?.shell.run({ script: 'mkdir /run/dr-drill-recovery; echo theirs >/run/dr-drill-recovery/owner' })
    await assert.rejects(
      lockNodes(nodes),
      /node-2: another recovery holds the lock there, and whether it still runs cannot be seen from here: theirs/,
    )
    assert.deepEqual(await heldOn(), ['', 'dr-drill-recovery\n'])
  })

  it('reports nodes that do not answer, and is held on the others', async () => {
    const lose = () => Promise.reject(new ShellError('node-0', 'connection lost'))
    const lost: Shell = { where: 'node-0', run: lose, try: lose }
    await using locks = await lockNodes([...nodes, { where: lost.where, shell: lost }])
    assert.deepEqual([...locks.errors.keys()], ['node-0'])
    assert.deepEqual(await heldOn(), isLocked)
  })

  const another = '00000000-0000-4000-8000-000000000000'
  const cases: readonly (readonly [string, Record<string, unknown>, string | undefined, boolean])[] = [
    ['left by a process that has ended', {}, undefined, true],
    ['left before this machine was rebooted', {}, another, true],
    ['of a container, whose processes are not visible', { pidNamespace: 'pid:[1]' }, undefined, false],
    ['of another machine', { machine: 'another' }, another, false],
    ['of a copy of this machine', { host: 'copy' }, another, false],
    ['of a machine without an identity', { machine: '' }, another, false],
    ['that cannot be read', { identity: 'x' }, undefined, false],
  ]
  for (const [what, changes, bootId, isTaken] of cases)
    it(`${isTaken ? 'is' : 'is not'} taken over if it is one ${what}`, async () => {
      await leave(changes, bootId)
      const taking = lockNodes(onFirst())
      if (isTaken) await (await taking)[Symbol.asyncDispose]()
      else
        await assert.rejects(taking, /another recovery holds the lock there, and whether it still runs .*"by":"left"/)
    })

  it('is taken over by only one of many processes that start at the same time', async () => {
    await leave()
    const [node] = nodes
    assert.ok(node)
    // A slow look, so that all have looked before the first takes it.
    const slow: Shell = {
      where: node.where,
      run: node.shell.run,
      try: (command, options) => {
        const script = 'script' in command ? `cat() { command cat "$@"; sleep 0.2; }\n${command.script}` : ''
        return node.shell.try('script' in command ? { ...command, script } : command, options)
      },
    }
    const attempts = [1, 2, 3, 4].map(() => lockNodes([{ where: node.where, shell: slow }]))
    const outcomes = await Promise.allSettled(attempts)
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
  })
})
