import type { Argv } from '../shell/shell.ts'

/**
 * Runs a program that opens images, and takes its place. `$1`: the number of links; `$2`: the size of the disk in MiB. Bounds
 * the open files, the address space, the processor time and the size of files that it writes by what such a chain can need.
 * A host's own bounds stay if they are lower.
 */
const script = [
  'links=$1 mib=$2',
  'shift 2',
  '{ ulimit -c 0',
  'ulimit -n $((64 + 8 * links))',
  'ulimit -v $((8388608 + 131072 * links))',
  'ulimit -t $((900 + mib / 8))',
  'ulimit -f $((2048 * (mib + 64)))',
  '} 2>/dev/null',
  'exec "$@"',
].join('\n')

/** For nothing larger is a disk read in one day. */
const maxMib = 16 * 2 ** 20

/** A program that opens images, within bounds. */
export function withinBounds(
  argv: Argv,
  { links, sizeBytes }: { readonly links: number; readonly sizeBytes: number },
): Argv {
  const mib = Math.min(maxMib, Math.ceil(sizeBytes / 2 ** 20))
  return ['/bin/sh', '-c', script, 'sh', `${links}`, `${mib}`, ...argv]
}

/** The same as a Python module: `within(argv, links, size)`. */
export const boundsModule = `"""Bounds for programs that open images."""
SCRIPT = ${JSON.stringify(script)}


def within(argv, links, size):
    mib = min(${maxMib}, (size + (1 << 20) - 1) >> 20)
    return ["/bin/sh", "-c", SCRIPT, "sh", str(links), str(mib)] + list(argv)
`
