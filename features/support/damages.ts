import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The damages of an image, by the words of a feature. The paths of the chain go from the full image up. */
export const damages: Readonly<Record<string, (image: string, chain: readonly string[]) => void>> = {
  missing: (image) => rmSync(image),
  empty: (image) => truncateSync(image, 0),
  'cut in its header': (image) => truncateSync(image, 40),
  'cut by clusters': (image) => truncateSync(image, 65_536),
  garbage: (image) => writeFileSync(image, Buffer.alloc(200_000, 'x')),
  'the one above it': (image, chain) => writeFileSync(image, readFileSync(chain[chain.indexOf(image) + 1] ?? '')),
  'a child of the newest': (image, chain) => rename(image, nameOf(chain.at(-1) ?? '')),
  'a child of a file of the host': (image) => rename(image, '/etc/hostname'),
  'read from an offset of its parent': (image, chain) => {
    const file = { driver: 'file', filename: nameOf(chain[chain.indexOf(image) - 1] ?? '') }
    rename(image, `json:${JSON.stringify({ driver: 'qcow2', file: { driver: 'raw', offset: 65_536, file } })}`)
  },
  'written to': (image) => {
    const graph = { driver: 'qcow2', file: { driver: 'file', filename: image }, backing: null }
    execFileSync('qemu-io', ['-c', 'write -q -P 7 1000M 4096', `json:${JSON.stringify(graph)}`])
  },
  'a FIFO': (image) => {
    rmSync(image)
    execFileSync('mkfifo', [image])
  },
  'a symbolic link': (image) => {
    renameSync(image, `${image}.moved`)
    symlinkSync(`${image}.moved`, image)
  },
  'a folder': (image) => {
    rmSync(image)
    mkdirSync(image)
  },
  'without a readable disk_db': (image) => writeFileSync(join(image, '../disk_db'), '[{'),
  'without a snapshot_db': (image) => rmSync(join(image, '../../../snapshot_db')),
  'without a snapshot_vms_db': (image) => rmSync(join(image, '../../../snapshot_vms_db')),
  'gone with all that is recorded of its disk': (image) => {
    rmSync(join(image, '..'), { recursive: true })
    rmSync(join(image, '../../../resources_db'))
  },
  'in a snapshot that is a symbolic link': (image) => {
    const snapshot = join(image, '../../..')
    renameSync(snapshot, join(snapshot, '../../moved'))
    symlinkSync('../moved', snapshot)
  },
  'beside what rsync left': (image) => writeFileSync(join(image, '../.image.Xy12Zq'), 'x'),
}

/** Writes another name for the parent of an image, whether or not that file exists. */
function rename(image: string, name: string): void {
  execFileSync('qemu-img', ['rebase', '-u', '-f', 'qcow2', '-F', 'qcow2', '-b', name, image])
}

/** The path of an image on the primary site. */
function nameOf(image: string): string {
  return `/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=${image.slice(image.indexOf('/workload_'))}`
}
