import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import { MachineError } from '../../errors.ts'
import type { User } from '../../shell/shell.ts'
import type { Machine } from './machine.ts'

const run = promisify(execFile)

export interface PutTree {
  /** A folder of this machine. */
  readonly from: string
  readonly machine: Machine
  /** A directory that is there; what it holds already stays. */
  readonly to: string
  /** Whom it belongs to there. */
  readonly owner: User
  readonly signal?: AbortSignal
}

/**
 * Puts what is in a folder of this machine onto a machine of a lab, holes included.
 * @throws MachineError when it is too much; CommandError when it does not come to its end
 */
export async function putTree({ from, machine, to, owner, signal }: PutTree): Promise<void> {
  const names = await readdir(from)
  if (names.length === 0) return
  const mostMib = 512
  const who = ['--numeric-owner', `--owner=${owner.uid}`, `--group=${owner.gid}`]
  const packed = await run('tar', ['--sparse', '-cz', ...who, '-C', from, '--', ...names], {
    encoding: 'buffer',
    maxBuffer: mostMib * 2 ** 20,
    ...(signal && { signal }),
  }).catch((cause: unknown) => {
    signal?.throwIfAborted()
    const { code, message } = cause as NodeJS.ErrnoException
    const isTooMuch = code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER'
    const why = isTooMuch ? `it is more than ${mostMib} MiB, packed` : message
    throw new MachineError('not-sent', `${from} cannot be sent to ${machine.where}: ${why}`, { cause })
  })
  await machine.shell.run(['tar', '--sparse', '-xzp', '--numeric-owner', '-C', to], {
    stdin: packed.stdout,
    deadlineMs: 900_000,
    ...(signal && { signal }),
  })
  // What is not on the disk yet would not survive a power cut.
  await machine.shell.run(['sync'])
}
