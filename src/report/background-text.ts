import type { BackgroundOrigin } from '../journal/journal.ts'
import type { DrillOverview } from './run-overview.ts'

/** Discloses that a scenario did not execute its background. */
export const backgroundText = (origin: BackgroundOrigin): string =>
  `The background was not executed. Its outcome was taken over from ${sourceOf(origin)}.`

/** Discloses it for all scenarios of a run, one sentence for each saved lab. */
export function backgroundTexts(drills: readonly DrillOverview[]): readonly string[] {
  const origins = drills.flatMap(({ background }) => background ?? [])
  return [...Map.groupBy(origins, sourceOf)].map(([source, of]) => {
    const whose = of.length === 1 ? '1 scenario did not execute its' : `${of.length} scenarios did not execute their`
    return `${whose} background, but took its outcome over from ${source}.`
  })
}

const sourceOf = ({ lab, name, location, savedAt }: BackgroundOrigin): string =>
  `the lab ${lab} of "${name}" (${location}), saved at ${savedAt.slice(0, 19).replace('T', ' ')} UTC`
