import { readFileSync } from 'node:fs'
import type { Change } from '../../backup/changes.ts'
import { program } from '../../image/program.ts'
import { objectsIn } from '../../shell/host-objects.ts'
import { programSucceeded, python } from '../../shell/python.ts'
import type { CommandOptions, Shell } from '../../shell/shell.ts'

const source = readFileSync(new URL('./changed_blocks.py', import.meta.url), 'utf8')

/** The disk of an instance, as a raw file. */
export interface ComparedDisk {
  readonly path: string
  /** Its last backup, read out to a raw file, and the prefix of files for the data that differs. Undefined if it has none. */
  readonly last?: { readonly previous: string; readonly copies: string }
}

/** The data that a backup of a disk has to write. */
export interface DiskChanges {
  /** Content digest of the disk, version 1. */
  readonly digest: string
  /** The ranges that differ from the last backup. Empty without one. */
  readonly changes: readonly Pick<Change, 'offset' | 'lengthBytes' | 'kind'>[]
}

/**
 * Compares disks with their last backups on a compute. The product asks the hypervisor for changed blocks; instances of a lab
 * have none.
 * @returns the changes of each disk, in the same order
 * @throws CommandError
 */
export async function findChanges(
  shell: Shell,
  disks: readonly ComparedDisk[],
  options: CommandOptions,
): Promise<readonly DiskChanges[]> {
  const input = disks.map(({ path, last }) => ({ path, ...last }))
  const stdin = program({ changed_blocks: source }, input)
  const { stdout, where } = programSucceeded(
    await shell.try(python, { ...options, stdin, captureBytes: 16 * 2 ** 20, maxOutputBytes: 64 * 2 ** 20 }),
  )
  const found = objectsIn<{ readonly path: string } & Partial<DiskChanges>>(where, stdout, { path: 'string' })
  return disks.map(({ path }) => {
    const one = found.find((facts) => facts.path === path)
    if (one?.digest === undefined) throw new TypeError(`${where}: no digest of ${path}`)
    return { digest: one.digest, changes: one.changes ?? [] }
  })
}
