import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import { MachineError } from '../../errors.ts'
import type { User } from '../../shell/shell.ts'
import type { Machine } from './machine.ts'

const run = promisify(execFile)

export interface PutTree {
  /** A folder on this host. */
  readonly from: string
  readonly machine: Machine
  /** An existing directory. Its content stays. */
  readonly to: string
  /** The owner of the copies. */
  readonly owner: User
  readonly signal?: AbortSignal
}

/**
 * Copies the content of a folder on this host to a machine of a lab. Sparse files stay sparse.
 * @throws MachineError if it is too large; CommandError if the copy fails
 */
export async function putTree({ from, machine, to, owner, signal }: PutTree): Promise<void> {
  const names = await readdir(from)
  if (names.length === 0) return
  const maxMib = 512
  const who = ['--numeric-owner', `--owner=${owner.uid}`, `--group=${owner.gid}`]
  const packed = await run('tar', ['--sparse', '-cz', ...who, '-C', from, '--', ...names], {
    encoding: 'buffer',
    maxBuffer: maxMib * 2 ** 20,
    ...(signal && { signal }),
  }).catch((cause: unknown) => {
    signal?.throwIfAborted()
    const { code, message } = cause as NodeJS.ErrnoException
    const isTooLarge = code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER'
    const why = isTooLarge ? `its archive is larger than ${maxMib} MiB` : message
    throw new MachineError('not-sent', `cannot copy ${from} to ${machine.where}: ${why}`, { cause })
  })
  await machine.shell.run(['tar', '--sparse', '-xzp', '--numeric-owner', '-C', to], {
    stdin: packed.stdout,
    deadlineMs: 900_000,
    ...(signal && { signal }),
  })
  // A power cut would lose data that is not on the disk yet.
  await machine.shell.run(['sync'])
}
