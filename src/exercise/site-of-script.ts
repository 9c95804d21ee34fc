import { InputError } from '../errors.ts'
import type { Rehearsal } from '../rehearsal/rehearsal.ts'
import type { ExerciseScript } from './exercise-schema.ts'
import { nodesOfCheck } from './live-objectives.ts'

/** Checks the objectives of a script. @throws InputError for a node, a workload or a user that the lab does not have */
export function requireSiteOf({ objectives }: ExerciseScript, { site, sideLooks }: Rehearsal): void {
  for (const { check } of objectives) {
    if (check?.ownerOf !== undefined) {
      sideLooks.requireWorkload(check.ownerOf.workload)
      sideLooks.ownerIds(check.ownerOf)
    }
    if (check?.scheduleOf !== undefined) sideLooks.requireWorkload(check.scheduleOf)
    if (check?.imagesReadOn !== undefined && nodesOfCheck(check.imagesReadOn, site.nodes).length === 0)
      throw new InputError(`no node of site ${site.plan.name} is named by imagesReadOn`)
  }
}
