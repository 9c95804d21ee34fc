import { readFile, readlink } from 'node:fs/promises'
import { MachineError } from '../errors.ts'

/** Identifies a process beyond reuse of its number, and beyond a reboot. */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks after boot: field 22 of /proc/PID/stat, see proc(5). */
  readonly startTime: string
  readonly bootId: string
  /** The namespace that the number belongs to. Undefined if it was not recorded. */
  readonly pidNamespace?: string
}

/** Returns the identity of a process. Undefined if it does not exist or is dead. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    const [stat, bootId] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ])
    // The command name is in parentheses, and may itself contain any character.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const startTime = fields[18]
    // A dead process stays in the table until its parent waits for it. Some parents never do.
    const isDead = state === 'Z' || state === 'X'
    return isDead || startTime === undefined ? undefined : { pid, startTime, bootId: bootId.trim() }
  } catch {
    return undefined
  }
}

/** Parses an identity from JSON. Undefined if the text is anything else. */
export function parseIdentity(text: string | undefined): ProcessIdentity | undefined {
  try {
    const parsed: unknown = JSON.parse(text ?? 'null')
    const { pid, startTime, bootId, pidNamespace } = (parsed ?? {}) as Record<keyof ProcessIdentity, unknown>
    const isIdentity = typeof pid === 'number' && typeof startTime === 'string' && typeof bootId === 'string'
    if (!isIdentity) return undefined
    return { pid, startTime, bootId, ...(typeof pidNamespace === 'string' && { pidNamespace }) }
  } catch {
    return undefined
  }
}

export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  const now = await identifyProcess(identity.pid)
  return now !== undefined && now.startTime === identity.startTime && now.bootId === identity.bootId
}

/**
 * True if the process has certainly ended. What runs after another boot, on another machine with the same files, or in
 * another process namespace cannot be seen from here.
 */
export async function hasEnded(identity: ProcessIdentity): Promise<boolean> {
  const { bootId, pidNamespace } = await thisProcess()
  const isElsewhere = identity.bootId !== bootId || (identity.pidNamespace ?? pidNamespace) !== pidNamespace
  return !isElsewhere && !(await isAlive(identity))
}

/** Returns the identity of this process. @throws MachineError without /proc */
export async function thisProcess(): Promise<ProcessIdentity> {
  const identity = await identifyProcess(process.pid)
  if (identity === undefined) throw new MachineError('no-proc', '/proc does not show this process')
  return { ...identity, pidNamespace: await readlink('/proc/self/ns/pid') }
}
