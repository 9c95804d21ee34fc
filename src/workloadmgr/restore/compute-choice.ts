import { InputError } from '../../errors.ts'
import { nearest } from '../../input/nearest.ts'

/**
 * Returns the compute that reads a restore: the chosen one, or else the least busy. Of equally busy ones it is the first in
 * the configuration.
 * @param load the number of unfinished restores, by the names of computes
 * @throws InputError if the site has no such compute
 */
export function chooseCompute<Compute extends { readonly name: string }>(
  computes: readonly Compute[],
  load: ReadonlyMap<string, number>,
  chosen?: string,
): Compute {
  if (chosen !== undefined) {
    const found = computes.find(({ name }) => name === chosen)
    if (found !== undefined) return found
    const names = computes.map(({ name }) => name)
    const meant = nearest(chosen, names)
    const hint = meant === undefined ? `known: ${names.join(', ') || 'none'}` : `did you mean ${meant}?`
    throw new InputError(`unknown compute ${JSON.stringify(chosen)}: ${hint}`)
  }
  const loadOf = ({ name }: Compute): number => load.get(name) ?? 0
  const [first, ...others] = computes
  if (first === undefined) throw new InputError('the site has no compute, so nothing can be restored')
  return others.reduce((best, one) => (loadOf(one) < loadOf(best) ? one : best), first)
}
