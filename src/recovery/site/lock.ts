import { randomUUID } from 'node:crypto'
import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { DrillError, MachineError } from '../../errors.ts'
import { isAlive, type ProcessIdentity, parseIdentity, thisProcess } from '../../localhost/process-identity.ts'
import { userName } from '../../localhost/user.ts'
import { answerFunction, answerIn } from '../../shell/answers.ts'
import { neverStopped } from '../../shell/stopped-by.ts'
import { onEachNode } from './each-node.ts'
import type { SiteNode } from './site-hosts.ts'

const lock = '/run/dr-drill-recovery'
/** A host that does not answer must not keep an interrupted recovery from its end. */
const releaseDeadlineMs = 20_000

/**
 * Takes the lock, or prints who holds it and exits with 9. A reboot removes it. Its folder is locked meanwhile, so that no
 * other process takes it between the look and the change. That lock ends with the script, however the script ends.
 */
const take = `${answerFunction}
exec 9<"\${1%/*}"
flock -w 60 9
if [ -s "$1/owner" ] && { [ -z "$3" ] || [ "$(cat "$1/owner")" != "$3" ]; }; then answer owner "$(cat "$1/owner")"; exit 9; fi
if [ -d "$1" ] && ! [ -s "$1/owner" ]; then answer left yes; fi
mkdir -p "$1"
printf %s "$2" >"$1/owner.new"
mv "$1/owner.new" "$1/owner"`

/** The process that carries out a recovery, as others see it. */
interface Owner {
  readonly by: string
  readonly at: string
  readonly identity: ProcessIdentity
  /** Identity of the machine that it runs on, which reboots do not change. Empty if it has none. */
  readonly machine: string
  readonly host: string
  /** Process numbers mean other processes in another namespace. */
  readonly pidNamespace: string
  /** Distinguishes two locks of one process. */
  readonly id: string
}

/** Locks that are held until disposed of. */
export interface Locks extends AsyncDisposable {
  /** Errors of nodes that do not answer. */
  readonly errors: ReadonlyMap<string, Error>
  /** Nodes with the lock of a recovery that has ended. It was taken over, and is removed with ours. */
  readonly leftBehind: ReadonlySet<string>
}

/** Receives a line about the lock of a node. */
export type LockReport = (where: string, line: string) => void

/**
 * Keeps two recoveries of a site apart, from whichever machine they run: locks all nodes or none. Of two that start at the
 * same time, the first node decides. A lock that an ended process of this machine left is taken over.
 * @throws MachineError that names the holder of a lock
 */
export async function lockNodes(nodes: readonly SiteNode[], report: LockReport = () => {}): Promise<Locks> {
  const [first, ...others] = nodes.toSorted((one, other) => (one.where < other.where ? -1 : 1))
  const owner = await thisOwner()
  const held: SiteNode[] = []
  const errors = new Map<string, Error>()
  const leftBehind = new Set<string>()
  const locks = {
    errors,
    leftBehind,
    [Symbol.asyncDispose]: async () => {
      const released = await Promise.all(held.map(async (node) => ({ node, isReleased: await release(node, owner) })))
      for (const { node, isReleased } of released)
        if (!isReleased)
          report(node.where, `its lock ${lock} may be left, because it does not answer. recover --undo removes it`)
    },
  }
  for (const group of first === undefined ? [] : [[first], others]) {
    const outcomes = await onEachNode(group, async (node) => {
      try {
        const left = await lockNode(node, owner)
        held.push(node)
        if (left === undefined) return
        leftBehind.add(node.where)
        report(node.where, `took over the lock that ${left} left behind`)
      } catch (error) {
        // Its script may have taken the lock already.
        if (!isLocked(error)) held.push(node)
        throw error
      }
    })
    for (const { where, error } of outcomes) if (error !== undefined) errors.set(where, error)
    const end = [...errors.values()].find((error) => isLocked(error) || isInterruption(error))
    if (end === undefined) continue
    await locks[Symbol.asyncDispose]()
    throw end
  }
  return locks
}

const isLocked = (error: unknown) => error instanceof MachineError && error.code === 'locked'
const isInterruption = (error: unknown) => error instanceof DrillError && error.blame === 'interrupted'

/** @returns who left the lock that was taken over. Undefined if there was none. */
async function lockNode({ where, shell }: SiteNode, owner: Owner): Promise<string | undefined> {
  const mine = JSON.stringify(owner)
  let { exitCode, stdout, stderr } = await shell.try({ script: take, args: [lock, mine, ''] })
  const holder = answerIn(stdout, 'owner') ?? ''
  const isOurs = exitCode === 9 && (await isAbandoned(holder, owner))
  const left = isOurs || answerIn(stdout, 'left') !== undefined ? (nameOf(holder) ?? 'a recovery') : undefined
  if (isOurs) ({ exitCode, stdout, stderr } = await shell.try({ script: take, args: [lock, mine, holder] }))
  if (exitCode === 9) throw await lockedBy(where, answerIn(stdout, 'owner') ?? '', owner)
  if (exitCode !== 0)
    throw new MachineError('lock', `${where}: cannot take the lock ${lock}: ${stderr.trim() || exitCode}`)
  return left
}

/** The holder of a lock, for people. Undefined if a lock does not name it. */
function nameOf(holder: string): string | undefined {
  try {
    const { by, at } = JSON.parse(holder) as Partial<Owner>
    if (typeof by === 'string' && typeof at === 'string') return `the recovery of ${by} at ${at}`
  } catch {
    // A crash may have left it without an owner.
  }
  return undefined
}

async function lockedBy(where: string, holder: string, self: Owner): Promise<MachineError> {
  const name = nameOf(holder) ?? (holder.trim() || 'it has no owner')
  const state = (await isSeenRunning(holder, self)) ? 'it is running' : 'whether it still runs cannot be seen from here'
  return new MachineError('locked', `${where}: another recovery holds the lock there, and ${state}: ${name}`, {
    remedy: `Wait until it ends. If it does not exist any more, run rm -r ${lock} on that host.`,
  })
}

/**
 * Checks that the nodes can be locked. Skips nodes that do not answer. Changes nothing.
 * @returns for each node with the lock of a recovery that has ended, who left it
 * @throws MachineError that names the holder of a lock
 */
export async function checkLocks(nodes: readonly SiteNode[]): Promise<ReadonlyMap<string, string>> {
  const self = await thisOwner()
  const script = `${answerFunction}\nif [ -d "$1" ]; then answer owner "$(cat "$1/owner" 2>/dev/null || :)"; fi`
  const left = new Map<string, string>()
  const looked = await onEachNode(nodes, async ({ shell }) => {
    return answerIn((await shell.run({ script, args: [lock] })).stdout, 'owner')
  })
  for (const { where, value } of looked) {
    if (value === undefined) continue
    if (value !== '' && !(await isAbandoned(value, self))) throw await lockedBy(where, value, self)
    left.set(where, nameOf(value) ?? 'a recovery')
  }
  return left
}

/** @returns false if the node does not answer */
async function release({ shell }: SiteNode, owner: Owner): Promise<boolean> {
  const script = 'if [ "$(cat "$1/owner" 2>/dev/null)" = "$2" ]; then rm -rf -- "$1"; fi'
  // Also after an interruption, which has stopped everything else.
  const options = { signal: neverStopped, deadlineMs: releaseDeadlineMs }
  return await shell.try({ script, args: [lock, JSON.stringify(owner)] }, options).then(
    ({ exitCode }) => exitCode === 0,
    () => false,
  )
}

async function thisOwner(): Promise<Owner> {
  const [identity, machine, pidNamespace] = await Promise.all([
    thisProcess(),
    readFile('/etc/machine-id', 'utf8').catch(() => ''),
    readlink('/proc/self/ns/pid'),
  ])
  const host = hostname()
  const by = `${userName()}@${host}`
  return { by, at: new Date().toISOString(), identity, machine: machine.trim(), host, pidNamespace, id: randomUUID() }
}

/** True if the holder is a process of this machine that is running. */
async function isSeenRunning(text: string, self: Owner): Promise<boolean> {
  try {
    const owner = JSON.parse(text) as Partial<Owner>
    const identity = parseIdentity(JSON.stringify(owner.identity))
    if (identity === undefined || owner.pidNamespace !== self.pidNamespace) return false
    return identity.bootId === self.identity.bootId && (await isAlive(identity))
  } catch {
    return false
  }
}

/** True if the holder has certainly ended. One that runs elsewhere, or in another process namespace, may still run. */
async function isAbandoned(text: string, self: Owner): Promise<boolean> {
  try {
    const owner = JSON.parse(text) as Partial<Owner>
    const identity = parseIdentity(JSON.stringify(owner.identity))
    if (identity === undefined) return false
    if (identity.bootId === self.identity.bootId)
      return owner.pidNamespace === self.pidNamespace && !(await isAlive(identity))
    // The same machine, rebooted since. Copies of a machine can share its identity, but not its name.
    return self.machine !== '' && owner.machine === self.machine && owner.host === self.host
  } catch {
    return false
  }
}
