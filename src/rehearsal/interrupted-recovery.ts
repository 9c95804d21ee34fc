import type { ImageRecord } from '../backup/catalog.ts'
import type { Machine } from '../lab/machine/machine.ts'
import { fstabLines } from '../lab/topology/seed.ts'
import { withBind } from '../recovery/action/fstab.ts'
import { defineObservation } from '../verdict/observation/define-observation.ts'
import { isText } from '../verdict/observation/facts.ts'
import type { Moment } from './interruption.ts'
import type { Rehearsal } from './rehearsal.ts'
import type { RestoreSeries } from './restores.ts'

/**
 * For each moment, on nodes where nothing was done: their recovery is interrupted by it, carried out again from the
 * start, tried by restores and taken back.
 */
export async function restoreAfterInterruptions(
  rehearsal: Rehearsal,
  moments: readonly Moment[],
  images: readonly ImageRecord[],
  nodes: readonly Machine[],
): Promise<RestoreSeries> {
  const ids: string[] = []
  for (const moment of moments) {
    await rehearsal.recovery.interrupt(nodes, moment)
    await lookAtFstab(rehearsal, nodes, moment)
    await rehearsal.bind(nodes, { persist: true })
    ids.push(...(await rehearsal.restore(images, nodes)).ids)
    await lookAtFstab(rehearsal, nodes)
    await rehearsal.takeBack(nodes)
  }
  return { ids, images, nodes: nodes.map(({ where }) => where) }
}

/** Records fstab after a moment, or after the recovery. */
export async function lookAtFstab(rehearsal: Rehearsal, nodes: readonly Machine[], moment?: Moment): Promise<void> {
  await rehearsal.observe(fstabAfter(moment), nodes, 'cat /etc/fstab')
}

/** Returns what fstab may be after a moment, or after the recovery. */
export function expectedFstab(rehearsal: Rehearsal, node: Machine, moment?: Moment) {
  const { plan } = rehearsal.lab.siteOf(node)
  const before = fstabLines(plan).join('\n')
  const after = rehearsal.holdings
    .originPairs(plan)
    .reduce((text, pair) => withBind(text, pair, false), before)
    .trim()
  const isWritten = moment === undefined || (moment.action === 'persist' && moment.when === 'after')
  const isUntouched = moment !== undefined && moment.action !== 'persist'
  return {
    where: node.where,
    oneOf: isWritten ? [after] : isUntouched ? [before] : [before, after],
  }
}

/** Defines fstab after a moment, or after the recovery. */
export function fstabAfter(moment: Moment | undefined) {
  return defineObservation(moment === undefined ? 'fstab after the recovery' : `fstab after it ${moment.text}`, isText)
}
