import { defineParameterType } from '@cucumber/cucumber'
import {
  findDistribution,
  InputError,
  nodeNames,
  parseTopology,
  readTopologyFile,
  type SiteSpec,
} from '../../src/index.ts'
import type { Reading } from './reading.ts'

/**
 * A file in the folder of topologies, or a path.
 * @example "two-sites.yaml"
 */
defineParameterType({
  name: 'topology',
  regexp: /"([^"]*\.ya?ml)"/,
  transformer(this: Reading, file: string) {
    const yaml = readTopologyFile(file, this?.parameters?.topologies)
    const { sites } = parseTopology(yaml, file)
    for (const { name, nodes } of sites)
      this?.planned?.add(
        name,
        nodes.map((node) => node.name),
      )
    return { file, yaml }
  },
  useForSnippets: false,
})

/**
 * A new site: its name, and if it matters its distribution and version, its number of computes, and its properties in brackets, separated by commas.
 * @example site "recovery"
 * @example site "recovery" of kolla 4.3
 * @example site "recovery" with no compute
 * @example site "recovery" of rhoso 6.2 with 1 compute (private mounts, service in a container)
 * @example site "recovery" (mounts on demand)
 * @example site "recovery" (with dr-drill)
 */
defineParameterType({
  name: 'site',
  regexp: /site "([^"]*)"(?: of ([a-z-]+) (\d+\.\d+))?(?: with (no|\d+) computes?)?(?: \(([^()]*)\))?/,
  transformer(
    this: Reading,
    name: string,
    distribution?: string,
    version?: string,
    computes?: string,
    peculiarities?: string,
  ): SiteSpec {
    const site = {
      name,
      ...(distribution && version && known(distribution, version)),
      ...(computes && { computes: computes === 'no' ? 0 : Number(computes) }),
      ...(peculiarities && Object.assign({}, ...peculiarities.split(', ').map(peculiarity))),
    }
    this?.planned?.add(name, nodeNames(site))
    return site
  },
  useForSnippets: false,
})

/**
 * A site of the lab.
 * @example "primary"
 */
defineParameterType({
  name: 'siteName',
  regexp: /"([^"]*)"/,
  transformer(this: Reading, name: string) {
    this?.planned?.requireSite(name)
    return name
  },
  useForSnippets: false,
})

function known(distribution: string, version: string) {
  const found = findDistribution(distribution, version)
  return { distribution: found.name, version: found.version }
}

const allPeculiarities: ReadonlyMap<string, Partial<SiteSpec>> = new Map([
  ['private mounts', { propagation: 'private' }],
  ['mounts on demand', { mountedBy: 'product' }],
  ['service in a container', { service: 'container' }],
  ['with dr-drill', { tool: true }],
])

function peculiarity(text: string): Partial<SiteSpec> {
  const spec = allPeculiarities.get(text)
  if (spec === undefined)
    throw new InputError(`unknown property of a site: "${text}"`, {
      remedy: `Known: ${[...allPeculiarities.keys()].join(', ')}.`,
    })
  return spec
}
