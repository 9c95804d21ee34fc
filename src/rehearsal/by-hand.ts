import type { Machine } from '../lab/machine/machine.ts'
import { fstabLines } from '../lab/topology/seed.ts'
import type { SitePlan } from '../lab/topology/site-plan.ts'
import { bindLine, escapeField } from '../recovery/action/fstab.ts'
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

/** The line of the share itself, and then the page's; whatever fstab had of the two before goes. */
export const addShareAndBindToFstab: HandWork = ({ shell }, pair, site) => shell.run(sharedAndBound(pair, site))

/** The same by somebody who does not know that white space in a name is `\040` there. */
export const addUnescapedShareToFstab: HandWork = ({ shell }, pair, site) =>
  shell.run(sharedAndBound(pair, site, (share) => share))

function sharedAndBound(pair: OriginPair, site: SitePlan, write?: (share: string) => string) {
  const own = site.shares.findIndex(({ mountPath }) => mountPath === pair.local)
  const lines = fstabLines(site, write).slice(own, own + 1)
  return {
    script:
      'local=$1; shift; grep -vF -e "$local " /etc/fstab >/etc/fstab.new || :; printf "%s\\n" "$@" >>/etc/fstab.new; mv /etc/fstab.new /etc/fstab; sync',
    args: [escapeField(pair.local), ...lines, bindLine(pair)],
  }
}

function appending(lines: readonly string[]) {
  return { script: 'printf "%s\\n" "$@" >>/etc/fstab; sync', args: lines }
}
