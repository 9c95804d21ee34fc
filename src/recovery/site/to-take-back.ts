import type { Fate, Inverse } from '../action/actions.ts'
import type { Rename } from '../strategy/renames.ts'

/** What taking back would come to on one node, in the order in which it is done. */
export interface ToTakeBack {
  readonly where: string
  /** Images whose parents would get their old names, or have them. */
  readonly renames: readonly Rename[]
  /** Why others would not. */
  readonly imagesStay?: string
  /** Of images that would be left as they are. */
  readonly note?: string
  readonly steps: readonly StepBack[]
  /** Why it is not known of all that was done under the node's name. */
  readonly unknown?: string
}

export interface StepBack extends Fate {
  readonly step: Inverse
}

/** Whether anything would be changed, as far as is known. */
export function wouldChange({ renames, steps, unknown }: ToTakeBack): boolean {
  return unknown !== undefined || renames.length > 0 || steps.some(({ state }) => state === 'there')
}

/** Whether something would stay. */
export function wouldStay({ imagesStay, steps }: ToTakeBack): boolean {
  return imagesStay !== undefined || steps.some(({ state }) => state === 'stays')
}
