import { defineParameterType } from '@cucumber/cucumber'
import { quotedList, quotedValues } from './quoted.ts'
import type { Reading } from './reading.ts'

/** The nodes that a step is about. */
export interface NodeChoice {
  /** Undefined for every node, or every compute, of the sites. */
  readonly names?: readonly string[]
  /** Undefined for the site that came up last. */
  readonly sites?: readonly string[] | 'every'
  readonly computesOnly?: boolean
}

/**
 * A node of the site that came up last, or of the site that is named before a slash.
 * @example "compute-1"
 * @example "primary/compute-1"
 */
defineParameterType({
  name: 'node',
  regexp: /"([^"]*)"/,
  transformer(this: Reading, name: string) {
    this?.planned?.require(name)
    return name
  },
  useForSnippets: false,
})

/**
 * Nodes of the site that came up last, or of the sites that are named.
 * @example every node
 * @example every compute
 * @example every node of "open" and "closed"
 * @example every node of every site
 * @example "compute-1" and "primary/appliance"
 */
defineParameterType({
  name: 'nodes',
  regexp: new RegExp(`every (node|compute)(?: of (every site|${quotedList}))?|(${quotedList})`),
  transformer(this: Reading, role?: string, of?: string, list?: string): NodeChoice {
    if (list !== undefined) {
      const names = quotedValues(list)
      for (const name of names) this?.planned?.require(name)
      return { names }
    }
    const sites = of === undefined || of === 'every site' ? [] : quotedValues(of)
    for (const site of sites) this?.planned?.requireSite(site)
    return {
      ...(of && { sites: of === 'every site' ? 'every' : sites }),
      ...(role === 'compute' && { computesOnly: true }),
    }
  },
  useForSnippets: false,
})

/**
 * One of the nodes of a `When`: the last one that has recorded it. Without it, a claim has to hold for all nodes of the
 * last `When`.
 * @shown [ on {node}]
 * @example on "compute-1"
 */
defineParameterType({
  name: 'onNode',
  regexp: /(?: on "([^"]*)")?/,
  transformer(this: Reading, name?: string) {
    if (name !== undefined) this?.planned?.require(name)
    return name
  },
  useForSnippets: false,
})

/**
 * What the product's user sees of a directory.
 * @example missing
 * @example empty
 * @example filled
 */
defineParameterType({ name: 'sight', regexp: /missing|empty|filled/, useForSnippets: false })
