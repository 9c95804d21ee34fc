import { InputError } from '../errors.ts'
import type { Machine } from '../lab/machine.ts'
import { fstabLine } from '../lab/seed.ts'
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
export const addShareAndBindToFstab: HandWork = (node, pair, site) =>
  writeShareAndBind(node, pair, site, ({ line }) => line)

/** The same, by somebody who writes the share as it is spelled everywhere else. */
export const addUnescapedShareAndBindToFstab: HandWork = (node, pair, site) =>
  writeShareAndBind(node, pair, site, ({ unescaped }) => unescaped)

/** In place of what an operator has written before. */
function writeShareAndBind(
  { shell }: Machine,
  pair: OriginPair,
  site: SitePlan,
  choose: (spellings: { readonly line: string; readonly unescaped: string }) => string,
) {
  const own = site.shares.find(({ mountPath }) => mountPath === pair.local)
  if (own === undefined) throw new InputError(`the site ${site.name} mounts nothing at ${pair.local}`)
  const line = fstabLine(own, site)
  const unescaped = `${own.share.text}${line.slice(line.indexOf(' '))}`
  const script = `
grep -vxF -e "$3" -e "$4" -e "$2" /etc/fstab >/etc/fstab.new || :
printf "%s\\n" "$1" "$2" >>/etc/fstab.new
mv /etc/fstab.new /etc/fstab
sync`
  return shell.run({ script, args: [choose({ line, unescaped }), bindLine(pair), line, unescaped] })
}

function appending(lines: readonly string[]) {
  return { script: 'printf "%s\\n" "$@" >>/etc/fstab; sync', args: lines }
}
