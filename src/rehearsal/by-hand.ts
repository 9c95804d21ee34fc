import type { Machine } from '../lab/machine/machine.ts'
import { fstabLines } from '../lab/topology/seed.ts'
import type { SitePlan } from '../lab/topology/site-plan.ts'
import { bindLine } from '../recovery/fstab/bind-line.ts'
import { escapeField } from '../recovery/fstab/fields.ts'
import type { OriginPair } from './holdings.ts'

/** Work of an operator on an origin path of a node, with the documented commands and without any check. */
export type HandWork = (node: Machine, pair: OriginPair, site: SitePlan) => Promise<unknown>

/** Makes the directory, and binds the local path as it is at the moment. */
export const bindByHand: HandWork = ({ shell }, { local, origin }) =>
  shell.run({ script: 'mkdir -p -- "$2"; mount --bind -- "$1" "$2"', args: [local, origin] })

/** Unmounts everything at the origin path. */
export const unbindByHand: HandWork = ({ shell }, { origin }) =>
  shell.run({ script: 'while mountpoint -q -- "$1"; do umount -- "$1"; done', args: [origin] })

/** Appends the documented line. */
export const addBindToFstab: HandWork = ({ shell }, pair) => shell.run(appending([bindLine(pair)]))

/** Writes the line of the share and then the documented one, in place of those that fstab has for them. */
export const addShareAndBindToFstab: HandWork = ({ shell }, pair, site) => shell.run(sharedAndBound(pair, site))

/** Does the same without writing white space in a name as `\040`. */
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
