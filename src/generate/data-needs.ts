import { InputError, MachineError } from '../errors.ts'
import { temporaryFolder } from '../localhost/own-folder.ts'
import type { Shell } from '../shell/shell.ts'
import type { TargetShape } from './shape.ts'

/** Of the programs that make images with data: the package of Debian and of Fedora that has each. */
const packages: Readonly<Record<string, string>> = {
  'qemu-img': 'qemu-utils',
  'qemu-io': 'qemu-utils',
  '/usr/bin/python3': 'python3',
}

/**
 * What images with data need, before the first of them is made.
 * @param draft where they are while there is something to read
 * @throws InputError; MachineError when a program is missing
 */
export async function checkDataNeeds(
  shell: Shell,
  { diskSize, snapshots, encrypted }: TargetShape,
  draft: string,
): Promise<void> {
  // What happens to disks needs room on them.
  if (diskSize.min < 2 ** 30) throw new InputError('diskSize: with data, a disk has 1GiB at least')
  if (snapshots > 100) throw new InputError('snapshots: with data, 100 at most')
  // A name of a parent holds at most 1023 bytes, of which the tree takes 222, and json: for encrypted ones 150 more.
  const most = 1023 - 222 - (encrypted > 0 ? 150 : 0)
  if (Buffer.byteLength(draft) > most)
    throw new InputError(`${draft}: a path of more than ${most} bytes is too long for images with data`, {
      remedy: 'make it elsewhere, and move it',
    })
  // The same goes for the names of live disks, which qemu-io also cannot quote.
  const temporary = temporaryFolder()
  if (!/^\/[\w/.,@+-]{1,200}$/.test(temporary))
    throw new InputError(`TMPDIR: ${JSON.stringify(temporary)} is no folder in which qemu-io could name a file`, {
      remedy: 'TMPDIR=/var/tmp, or another one with plain letters',
    })
  const script = 'for program; do command -v "$program" >/dev/null || echo "$program"; done'
  const { stdout } = await shell.run({ script, args: Object.keys(packages) })
  const absent = stdout.split('\n').filter((line) => line !== '')
  if (absent.length === 0) return
  const wanted = [...new Set(absent.map((program) => packages[program]))]
  throw new MachineError('programs-missing', `images with data need ${absent.join(' and ')}, which is not there`, {
    remedy: `apt-get install --no-install-recommends ${wanted.join(' ')}`,
  })
}
