import { InputError } from '../../errors.ts'

/**
 * Gives each site whose addresses are left out a network of its own, `10.250.x`, in which no address is taken. It
 * depends on the site's name where it can, so that a site has the same addresses in most labs.
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
    throw new InputError(`no network is free for the site ${site}: give its nodes addresses`)
  }
}

const size = 250
