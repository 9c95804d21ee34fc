import type { Machine } from '../lab/machine/machine.ts'
import { defineObservation } from '../verdict/observation/define-observation.ts'
import { isOneOf, isText } from '../verdict/observation/facts.ts'
import type { Rehearsal } from './rehearsal.ts'

/** What the product's user sees at an origin path. If looking fails, the output is the error, which is not valid. */
export type OriginPathView = 'missing' | 'empty' | 'filled'

const isView = isOneOf<OriginPathView>('missing', 'empty', 'filled')

export const originPathOnHost = defineObservation('the origin path on the host', isView)
export const originPathInService = defineObservation('the origin path in the service', isView)

/** Which share is mounted at a path; empty for none. */
export const shareAtOriginPath = defineObservation('the share at the origin path', isText)
export const shareAtLocalPath = defineObservation('the share at the local path', isText)

/** What the product's user sees at the origin path, on the host and in the service, and what is mounted there. */
export async function lookAtOriginPath(rehearsal: Rehearsal, nodes: readonly Machine[]): Promise<void> {
  const args = [rehearsal.originPath]
  await rehearsal.observe(originPathOnHost, nodes, look, args, 'product')
  await rehearsal.observe(originPathInService, nodes, look, args, 'service')
}

/** Which share is on top at the origin path, and at the path that the product mounts it at. */
export async function lookAtShares(rehearsal: Rehearsal, nodes: readonly Machine[]): Promise<void> {
  for (const node of nodes) {
    const [pair] = rehearsal.holdings.originPairs(rehearsal.lab.siteOf(node).plan)
    for (const [share, path] of [
      [shareAtOriginPath, pair?.origin],
      [shareAtLocalPath, pair?.local],
    ] as const)
      await rehearsal.observe(share, [node], 'findmnt -nro SOURCE -t nfs,nfs4 -M "$1" | tail -n 1', [path ?? ''])
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
