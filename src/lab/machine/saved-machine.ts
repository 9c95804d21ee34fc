import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { MachineError } from '../../errors.ts'
import type { Machine } from './machine.ts'

/** A machine of a saved lab: its disks, and what must be the same when it boots from them. */
export interface SavedMachine {
  readonly name: string
  readonly number: number
  /** The archive of the disks. */
  readonly disks: string
  /** SHA-256 of the archive. */
  readonly sha256: string
  /** The mounts before it was switched off: a line for each, sorted. */
  readonly mounts: string
}

/** Switches a machine off after a sync, and saves its disks. */
export async function saveMachine(machine: Machine, folder: string): Promise<SavedMachine> {
  const { name, number } = machine
  const mounts = await mountsOf(machine)
  const disks = join(folder, `${name}.tar`)
  await machine.stop()
  await machine.saveDisks(disks)
  return { name, number, disks, sha256: await sha256Of(disks), mounts }
}

/** @throws MachineError if the archive of the disks has changed, or the machine has other mounts than before */
export async function verifySaved({ name, disks, sha256, mounts }: SavedMachine, machine: Machine): Promise<void> {
  const differs = (what: string) =>
    new MachineError('checkpoint-differs', `${name} differs from the saved machine: ${what}`)
  const [now, digest] = await Promise.all([mountsOf(machine), sha256Of(disks)])
  if (digest !== sha256) throw differs('the archive of its disks has changed')
  if (now !== mounts) throw differs(`its mounts were\n${mounts}\nand are\n${now}`)
}

/** The file systems on disks and of servers. Scenarios are about no others. */
async function mountsOf(machine: Machine): Promise<string> {
  const { stdout } = await machine.shell.run({ script: 'findmnt -rn -t nfs,nfs4,ext4 -o TARGET,SOURCE,FSTYPE | sort' })
  return stdout
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
