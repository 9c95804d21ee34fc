import { InputError } from '../../errors.ts'

/**
 * Returns a function that chooses an unused network `10.250.x` for each site. The choice starts from the site's name, so
 * that a site has the same addresses in most labs.
 * @param taken addresses whose networks are in use
 */
export function freeNetworks(taken: readonly string[]): (site: string) => string {
  const used = new Set(taken.map((address) => address.slice(0, address.lastIndexOf('.'))))
  return (site) => {
    const first = [...site].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % size, 0)
    for (let step = 0; step < size; step++) {
      const network = `10.250.${(first + step) % size}`
      if (used.has(network)) continue
      used.add(network)
      return network
    }
    throw new InputError(`no network is free for site ${site}`, { remedy: 'Give the nodes of the site addresses.' })
  }
}

const size = 250
