import type { Lab } from '../lab/lab.ts'
import type { Machine } from '../lab/machine/machine.ts'
import { fstabLines } from '../lab/topology/seed.ts'
import { withBind } from '../recovery/fstab/block.ts'
import { defineObservation } from '../verdict/observation/define-observation.ts'
import { isText } from '../verdict/observation/facts.ts'
import type { Holdings } from './holdings.ts'
import type { Moment } from './interruption.ts'

/** Defines the observation of fstab after an interruption, or after the recovery. */
export function fstabAfter(moment: Moment | undefined) {
  return defineObservation(
    moment === undefined ? 'fstab after the recovery' : `fstab after the node ${moment.text}`,
    isText,
  )
}

/** Returns the texts that fstab can have after an interruption, or after the recovery. */
export function expectedFstab(
  { lab, holdings }: { readonly lab: Lab; readonly holdings: Holdings },
  node: Machine,
  moment?: Moment,
) {
  const { plan } = lab.siteOf(node)
  const before = fstabLines(plan).join('\n')
  const after = holdings
    .originPairs(plan)
    .reduce((text, pair) => withBind({ text, isSystemd: false }, pair), before)
    .trim()
  const isWritten = moment === undefined || (moment.action === 'persist' && moment.when === 'after')
  const isUntouched = moment !== undefined && moment.action !== 'persist'
  return {
    where: node.where,
    oneOf: isWritten ? [after] : isUntouched ? [before] : [before, after],
  }
}
