import { randomUUID } from 'node:crypto'
import { readFile, readlink } from 'node:fs/promises'
import { hostname, userInfo } from 'node:os'
import { MachineError } from '../../errors.ts'
import { isAlive, type ProcessIdentity, parseIdentity, thisProcess } from '../../localhost/process-identity.ts'
import { type Member, onMembers } from './team.ts'

const lock = '/run/dr-drill-recovery'

/**
 * Says who holds it where it is taken, and exits with 9. It goes with a reboot. Looking and taking are one: the folder that
 * it is in is locked meanwhile, which ends with the script however that ends.
 */
const take = `
exec 9<"\${1%/*}"
flock -w 60 9
if [ -s "$1/owner" ] && { [ -z "$3" ] || [ "$(cat "$1/owner")" != "$3" ]; }; then cat "$1/owner"; exit 9; fi
mkdir -p "$1"
printf %s "$2" >"$1/owner.new"
mv "$1/owner.new" "$1/owner"`

/** Whoever carries out a recovery, as it is told to others. */
interface Owner {
  readonly by: string
  readonly at: string
  readonly identity: ProcessIdentity
  /** Of the machine that it is carried out from, across reboots; empty where it has none. */
  readonly machine: string
  readonly host: string
  /** In another one, process numbers mean other processes. */
  readonly pidNamespace: string
  /** Tells two of one process apart. */
  readonly id: string
}

/** Held until disposed of. */
export interface Locks extends AsyncDisposable {
  /** Why nodes could not be locked that nobody else holds: they do not answer. */
  readonly errors: ReadonlyMap<string, Error>
}

/**
 * Keeps two recoveries of a site apart, whoever carries them out, and from wherever: all its nodes are locked, or none.
 * Where two come at the same time, the first node decides. What a process of this machine left that is gone is taken over.
 * @throws MachineError that says who holds one of them
 */
export async function lockNodes(members: readonly Member[]): Promise<Locks> {
  const [first, ...others] = members.toSorted((one, other) => (one.where < other.where ? -1 : 1))
  const owner = await thisOwner()
  const held: Member[] = []
  const errors = new Map<string, Error>()
  const locks = {
    errors,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(held.map((member) => release(member, owner)))
    },
  }
  for (const group of first === undefined ? [] : [[first], others]) {
    const outcomes = await onMembers(group, async (member) => {
      await lockNode(member, owner)
      held.push(member)
    })
    for (const { where, error } of outcomes) if (error !== undefined) errors.set(where, error)
    const taken = [...errors.values()].find((error) => error instanceof MachineError && error.code === 'locked')
    if (taken === undefined) continue
    await locks[Symbol.asyncDispose]()
    throw taken
  }
  return locks
}

async function lockNode({ where, shell }: Member, owner: Owner): Promise<void> {
  const mine = JSON.stringify(owner)
  let { exitCode, stdout, stderr } = await shell.try({ script: take, args: [lock, mine, ''] })
  if (exitCode === 9 && (await isOfTheDead(stdout, owner)))
    ({ exitCode, stdout, stderr } = await shell.try({ script: take, args: [lock, mine, stdout] }))
  if (exitCode === 9) throw lockedBy(where, stdout)
  if (exitCode !== 0)
    throw new MachineError('lock', `${where}: the lock ${lock} cannot be taken: ${stderr.trim() || exitCode}`)
}

function lockedBy(where: string, owner: string): MachineError {
  return new MachineError('locked', `${where}: another recovery is under way there: ${owner.trim()}`, {
    remedy: `Wait for it. If it is gone: rm -r ${lock} (there)`,
  })
}

/**
 * Whether the nodes could be locked; nodes that do not answer are passed over. Changes nothing.
 * @throws MachineError that says who holds one of them
 */
export async function lookAtLocks(members: readonly Member[]): Promise<void> {
  const self = await thisOwner()
  const script = 'if [ -s "$1/owner" ]; then cat "$1/owner"; fi'
  const looked = await onMembers(members, async ({ shell }) => (await shell.run({ script, args: [lock] })).stdout)
  for (const { where, value = '' } of looked)
    if (value !== '' && !(await isOfTheDead(value, self))) throw lockedBy(where, value)
}

async function release({ shell }: Member, owner: Owner): Promise<void> {
  const script = '[ "$(cat "$1/owner")" != "$2" ] || rm -rf -- "$1"'
  await shell.try({ script, args: [lock, JSON.stringify(owner)] }).catch(() => {})
}

async function thisOwner(): Promise<Owner> {
  const [identity, machine, pidNamespace] = await Promise.all([
    thisProcess(),
    readFile('/etc/machine-id', 'utf8').catch(() => ''),
    readlink('/proc/self/ns/pid'),
  ])
  const host = hostname()
  const by = `${userInfo().username}@${host}`
  return { by, at: new Date().toISOString(), identity, machine: machine.trim(), host, pidNamespace, id: randomUUID() }
}

/** Only where that is known: what runs elsewhere, or where process numbers mean others, may live. */
async function isOfTheDead(text: string, self: Owner): Promise<boolean> {
  try {
    const owner = JSON.parse(text) as Partial<Owner>
    const identity = parseIdentity(JSON.stringify(owner.identity))
    if (identity === undefined) return false
    if (identity.bootId === self.identity.bootId)
      return owner.pidNamespace === self.pidNamespace && !(await isAlive(identity))
    // The same machine, booted since. Copies of a machine can have one number, and not one name.
    return self.machine !== '' && owner.machine === self.machine && owner.host === self.host
  } catch {
    return false
  }
}
