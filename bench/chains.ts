import { randomBytes } from 'node:crypto'
import { copyFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTarget } from '../src/generate/create.ts'
import { readShape } from '../src/generate/read-shape.ts'
import { convertToImage } from '../src/image/qemu.ts'
import { LocalShell } from '../src/shell/local.ts'

const diskBytes = 2 ** 20

/**
 * Creates a target of chains of one image, all of whose 1 MiB is allocated: with less to read for each, whatever a disk
 * costs besides reading it shows most.
 */
export async function createChains(directory: string, workloads: number, signal: AbortSignal): Promise<void> {
  const asked = { workloads, vms: 1, disks: 4, snapshots: 5, fullEvery: 1, diskSize: '1MiB' }
  await createTarget({ directory, shape: readShape(undefined, asked), signal })
  const raw = `${directory}.raw`
  const image = `${directory}.qcow2`
  try {
    writeFileSync(raw, randomBytes(diskBytes))
    await new LocalShell().run(convertToImage({ format: 'raw', path: raw }, image), { signal, deadlineMs: 60_000 })
    for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      if (entry.isFile() && path.includes('/vm_res_id_') && entry.name !== 'disk_db') copyFileSync(image, path)
    }
  } finally {
    rmSync(raw, { force: true })
    rmSync(image, { force: true })
  }
}
