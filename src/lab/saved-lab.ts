import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { MachineError } from '../errors.ts'
import type { KeyPair } from '../shell/key-pair.ts'
import type { Machine } from './machine/machine.ts'
import type { Server, Site } from './site.ts'
import type { Topology } from './topology/topology.ts'

/** One machine of a lab that was saved: its disks, and what must be the same when it comes up from them. */
export interface SavedMachine {
  readonly name: string
  readonly number: number
  /** The archive of its disks. */
  readonly disks: string
  /** SHA-256 of the archive. */
  readonly sha256: string
  /** What was mounted when it was switched off: one line a mount, sorted. */
  readonly mounts: string
}

/** All machines of a lab, as files. The topology is of those sites and servers that were not lost. */
export interface SavedLab extends Topology {
  readonly folder: string
  readonly clientKey: KeyPair
  readonly hostKey: KeyPair
  readonly machines: readonly SavedMachine[]
  /** Servers and sites that were gone already. */
  readonly lost: { readonly servers: readonly Server[]; readonly sites: readonly Site[] }
}

/** Switches a machine off, with everything that was written on its disks, and saves them. */
export async function saveMachine(machine: Machine, number: number, folder: string): Promise<SavedMachine> {
  const mounts = await mountsOf(machine)
  const disks = join(folder, `${machine.name}.tar`)
  await machine.stop()
  await machine.saveDisks(disks)
  return { name: machine.name, number, disks, sha256: await sha256Of(disks), mounts }
}

/** @throws MachineError unless the machine came up from the very disks that were saved, with the same mounts */
export async function verifySaved({ name, disks, sha256, mounts }: SavedMachine, machine: Machine): Promise<void> {
  const differs = (what: string) =>
    new MachineError('checkpoint-differs', `${name} did not come up as it was saved: ${what}`)
  const [now, digest] = await Promise.all([mountsOf(machine), sha256Of(disks)])
  if (digest !== sha256) throw differs('the archive of its disks has changed')
  if (now !== mounts) throw differs(`its mounts were\n${mounts}\nand are\n${now}`)
}

/** The file systems that a scenario can be about: on disks, and of servers. */
async function mountsOf(machine: Machine): Promise<string> {
  const { stdout } = await machine.shell.run({ script: 'findmnt -rn -t nfs,nfs4,ext4 -o TARGET,SOURCE,FSTYPE | sort' })
  return stdout
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
