import { digestSource } from '../src/image/program.ts'
import { describeChain, readOut } from '../src/image/qemu.ts'
import { quote, quoteWord } from '../src/shell/quote.ts'
import type { User } from '../src/shell/shell.ts'

// Scripts as a person would write them for one node: the same commands, without any check.

export function bindScript(local: string, origin: string): string {
  return `mkdir -p -- ${quoteWord(origin)}\n${quote(['mount', '--bind', '--', local, origin])}\n`
}

/** Opens every chain, for the appliance. */
export function sizeScript(user: User, images: readonly string[]): string {
  return asUser(user, images.map((image) => `${quote(describeChain(image))} >/dev/null\n`).join(''))
}

/** Reads every image out, digests all of them in one process, and removes them, for a compute. */
export function readScript(user: User, images: readonly string[], directory: string): string {
  const disks = images.map((_, nth) => `${directory}/${nth}.raw`)
  const reads = images.map((image, nth) => `${quote(readOut(image, disks[nth] ?? ''))} >/dev/null\n`)
  const digest = `/usr/bin/python3 - ${disks.map(quoteWord).join(' ')} <<'PROGRAM'\n${digestSource}\nPROGRAM\n`
  return asUser(user, `${reads.join('')}${digest}${quote(['rm', '-f', '--', ...disks])}\n`)
}

/** Runs a whole script as the user. */
function asUser({ uid, gid }: User, script: string): string {
  return `setpriv --reuid ${uid} --regid ${gid} --clear-groups sh -eu -s <<'AS_USER'\n${script}AS_USER\n`
}
