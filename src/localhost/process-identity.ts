import { readFile } from 'node:fs/promises'
import { MachineError } from '../errors.ts'

/** What tells one process from another that got the same number later, and from one before a reboot. */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks after boot: field 22 of /proc/PID/stat, see proc(5). */
  readonly startTime: string
  readonly bootId: string
}

/** @returns undefined when there is no such process, or it is dead */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    const [stat, bootId] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ])
    // The command name is in parentheses and may hold anything, a parenthesis too.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const startTime = fields[18]
    // A dead one stays in the table until its parent asks for it, which some parents never do.
    const isDead = state === 'Z' || state === 'X'
    return isDead || startTime === undefined ? undefined : { pid, startTime, bootId: bootId.trim() }
  } catch {
    return undefined
  }
}

/** Reads what `JSON.stringify` wrote of one; undefined for anything else. */
export function parseIdentity(text: string | undefined): ProcessIdentity | undefined {
  try {
    const parsed: unknown = JSON.parse(text ?? 'null')
    const { pid, startTime, bootId } = (parsed ?? {}) as Record<keyof ProcessIdentity, unknown>
    const isOne = typeof pid === 'number' && typeof startTime === 'string' && typeof bootId === 'string'
    return isOne ? { pid, startTime, bootId } : undefined
  } catch {
    return undefined
  }
}

export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  const now = await identify(identity.pid)
  return now !== undefined && now.startTime === identity.startTime && now.bootId === identity.bootId
}

/** @throws MachineError where there is no /proc */
export async function thisProcess(): Promise<ProcessIdentity> {
  const identity = await identify(process.pid)
  if (identity === undefined) throw new MachineError('no-proc', '/proc does not show this process')
  return identity
}
