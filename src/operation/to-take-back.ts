import type { Inverse } from '../recovery/actions.ts'
import type { Rename } from '../recovery/renames.ts'
import { type Records, standingAt } from './record.ts'

/** What taking back comes to on one node, in the order in which it is done. */
export interface ToTakeBack {
  readonly where: string
  /** Images whose parents get their old names. */
  readonly renames: readonly Rename[]
  readonly steps: readonly Inverse[]
}

/** All that was done at a site and was not taken back yet, by the records alone: no node is asked. */
export function toTakeBack(records: Records, site: string): readonly ToTakeBack[] {
  const standing = [...standingAt(records.read(site))].flatMap(([where, ones]) =>
    ones.map((one) => ({ where, ...one })),
  )
  return standing.map(({ where, actions, rebases }) => ({
    where,
    renames: rebases.toReversed().flatMap(({ renames }) => renames),
    steps: actions.toReversed().flatMap(({ inverse }) => (inverse.kind === 'nothing' ? [] : [inverse])),
  }))
}
