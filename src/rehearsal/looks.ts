import type { Machine } from '../lab/machine/machine.ts'
import type { Rehearsal } from './rehearsal.ts'

/** Subjects of what is seen at an origin path; the facts are `missing`, `empty`, `filled`, or an error. */
export const onTheHost = 'the origin path on the host'
export const inTheService = 'the origin path in the service'

/** Subjects of which share is mounted where; the facts are the share, or nothing. */
export const shareAtOrigin = 'the share at the origin path'
export const shareAtLocal = 'the share at the local path'

/** What the product's user sees at the origin path, on the host and in the service, and what is mounted there. */
export async function lookAtOriginPath(rehearsal: Rehearsal, nodes: readonly Machine[]): Promise<void> {
  const args = [rehearsal.originPath]
  await rehearsal.observe(onTheHost, nodes, look, args, 'product')
  await rehearsal.observe(inTheService, nodes, look, args, 'service')
}

/** Which share is on top at the origin path, and at the path that the product mounts it at. */
export async function lookAtShares(rehearsal: Rehearsal, nodes: readonly Machine[]): Promise<void> {
  for (const node of nodes) {
    const [pair] = rehearsal.holdings.originPairs(rehearsal.lab.siteOf(node).plan)
    for (const [subject, path] of [
      [shareAtOrigin, pair?.origin],
      [shareAtLocal, pair?.local],
    ] as const)
      await rehearsal.observe(subject, [node], 'findmnt -nro SOURCE -t nfs,nfs4 -M "$1" | tail -n 1', [path ?? ''])
  }
}

/** A directory that is there is not told from one that may not be read by whether `ls` exits with 0 alone. */
const look = `
if seen=$(ls -A -- "$1" 2>&1); then
  if [ -n "$seen" ]; then echo filled; else echo empty; fi
else
  case $seen in *'No such file'*) echo missing ;; *) echo "$seen" ;; esac
fi
`
