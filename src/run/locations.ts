import { featureOf } from '../journal/scenario.ts'

/** Returns scenarios as paths in Cucumber's notation, one for each feature: `features/a.feature:12:20`. */
export function pathsOf(locations: readonly string[]): readonly string[] {
  const byFeature = Map.groupBy(locations, featureOf)
  return [...byFeature].map(
    ([feature, same]) => feature + same.map((location) => location.slice(feature.length)).join(''),
  )
}
