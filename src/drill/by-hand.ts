import type { Machine } from '../lab/machine.ts'
import { fstabLines } from '../lab/seed.ts'
import type { SitePlan } from '../lab/topology.ts'
import { bindLine } from '../recovery/fstab.ts'
import type { OriginPair } from './holdings.ts'

/** What an operator does on a node about an origin path with the page's own commands, whatever is there. */
export type HandWork = (node: Machine, pair: OriginPair, site: SitePlan) => Promise<unknown>

/** The directory, and the bind of whatever the local path is at the moment. */
export const bindByHand: HandWork = ({ shell }, { local, origin }) =>
  shell.run({ script: 'mkdir -p -- "$2"; mount --bind -- "$1" "$2"', args: [local, origin] })

/** What is on top there goes, and what is below it. */
export const unbindByHand: HandWork = ({ shell }, { origin }) =>
  shell.run({ script: 'while mountpoint -q -- "$1"; do umount -- "$1"; done', args: [origin] })

/** The page's line, where an editor's cursor is at first: at the end. */
export const addBindToFstab: HandWork = ({ shell }, pair) => shell.run(appending([bindLine(pair)]))

/** The line of the share itself, which fstab did not have, and then the page's. */
export const addShareAndBindToFstab: HandWork = ({ shell }, pair, site) => {
  const own = site.shares.findIndex(({ mountPath }) => mountPath === pair.local)
  const lines = fstabLines(site).slice(own, own + 1)
  return shell.run({
    script:
      'grep -vxF -e "$2" /etc/fstab >/etc/fstab.new || :; printf "%s\\n" "$@" >>/etc/fstab.new; mv /etc/fstab.new /etc/fstab; sync',
    args: [...lines, bindLine(pair)],
  })
}

function appending(lines: readonly string[]) {
  return { script: 'printf "%s\\n" "$@" >>/etc/fstab; sync', args: lines }
}
