import { InputError, MachineError } from '../errors.ts'
import { temporaryFolder } from '../localhost/own-folder.ts'
import type { Shell } from '../shell/shell.ts'
import type { TargetShape } from './shape.ts'

/** Debian packages of the programs that write images with data. */
const packages: Readonly<Record<string, string>> = {
  'qemu-img': 'qemu-utils',
  'qemu-io': 'qemu-utils',
  '/usr/bin/python3': 'python3',
}

/**
 * Checks that images with data can be written.
 * @param draft folder in which they are written
 * @throws InputError; MachineError if a program is missing
 */
export async function checkDataNeeds(
  shell: Shell,
  { diskSize, snapshots, encrypted }: TargetShape,
  draft: string,
): Promise<void> {
  if (diskSize.min < 2 ** 30) throw new InputError('diskSize: with data, a disk needs at least 1GiB')
  if (snapshots > 100) throw new InputError('snapshots: with data, at most 100 are possible')
  // The name of a parent has at most 1023 bytes. The tree needs 222 of them, and a json: name another 150.
  const maxBytes = 1023 - 222 - (encrypted > 0 ? 150 : 0)
  if (Buffer.byteLength(draft) > maxBytes)
    throw new InputError(`${draft}: images with data need a path of at most ${maxBytes} bytes`, {
      remedy: 'Create the target at a shorter path, and move it.',
    })
  // qemu-io cannot quote the names of live disks.
  const temporary = temporaryFolder()
  if (!/^\/[\w/.,@+-]{1,200}$/.test(temporary))
    throw new InputError(`TMPDIR: qemu-io cannot name a file in ${JSON.stringify(temporary)}`, {
      remedy: 'Set TMPDIR to a folder with a plain name: TMPDIR=/var/tmp',
    })
  const script = 'for program; do command -v "$program" >/dev/null || echo "$program"; done'
  const { stdout } = await shell.run({ script, args: Object.keys(packages) })
  const absent = stdout.split('\n').filter((line) => line !== '')
  if (absent.length === 0) return
  const wanted = [...new Set(absent.map((program) => packages[program]))]
  throw new MachineError(
    'programs-missing',
    `images with data need ${absent.join(' and ')}, which this machine does not have`,
    {
      remedy: `apt-get install --no-install-recommends ${wanted.join(' ')}`,
    },
  )
}
