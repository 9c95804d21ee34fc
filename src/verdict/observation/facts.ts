// Guards for the facts of observations. A journal may be years old, or written by another version.

/** Returns true if facts that were read from a journal are of a type. */
export type FactsGuard<T> = (facts: unknown) => facts is T

export const isText: FactsGuard<string> = (facts) => typeof facts === 'string'

export const isFiniteNumber: FactsGuard<number> = (facts): facts is number => Number.isFinite(facts)

export const isBoolean: FactsGuard<boolean> = (facts) => typeof facts === 'boolean'

/** Makes a guard for a choice, e.g. `isOneOf('missing', 'empty', 'filled')`. */
export function isOneOf<const T>(...choice: readonly T[]): FactsGuard<T> {
  return (facts): facts is T => choice.includes(facts as T)
}

/** Makes a guard for lists, e.g. `isListOf(isText)`. */
export function isListOf<T>(isItem: FactsGuard<T>): FactsGuard<readonly T[]> {
  return (facts): facts is readonly T[] => Array.isArray(facts) && facts.every((item) => isItem(item))
}
