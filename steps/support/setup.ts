import { defineParameterType, setWorldConstructor } from '@cucumber/cucumber'
import {
  findDistribution,
  InputError,
  nodeNames,
  type PlannedNodes,
  parseRunbook,
  parseShare,
  parseTopology,
  readTopologyFile,
  type SiteSpec,
} from '../../src/index.ts'
import { DrillWorld, type NodeChoice, type RestoreChoice } from './world.ts'

setWorldConstructor(DrillWorld)

/** What `this` is when values are read before anything starts; in a drill it is the world. */
type Reading = { readonly planned?: PlannedNodes } | null

// All are taken apart before anything starts, so that what is wrong in a feature is named at once.
defineParameterType({
  name: 'share',
  regexp: /"([^"]*)"/,
  transformer: (text: string) => parseShare(text).text,
  useForSnippets: false,
})

defineParameterType({
  name: 'topology',
  regexp: /"([^"]*\.ya?ml)"/,
  transformer(this: (Reading & { readonly parameters?: { readonly topologies?: string } }) | null, file: string) {
    const yaml = readTopologyFile(file, this?.parameters?.topologies)
    const { sites } = parseTopology(yaml, file)
    for (const { name, nodes } of sites) this?.planned?.add(name, nodes.map(nameOf))
    return (taken: readonly string[]) => parseTopology(yaml, file, taken)
  },
  useForSnippets: false,
})

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
      ...(distribution && version && pick(findDistribution(distribution, version))),
      ...(computes && { computes: computes === 'no' ? 0 : Number(computes) }),
      ...(peculiarities && Object.assign({}, ...peculiarities.split(', ').map(peculiarity))),
    }
    this?.planned?.add(name, nodeNames(site))
    return site
  },
  useForSnippets: false,
})

/** A node of the site that restores are made on, or `"primary/compute-1"`. */
defineParameterType({
  name: 'node',
  regexp: /"([^"]*)"/,
  transformer(this: Reading, name: string) {
    this?.planned?.require(name)
    return name
  },
  useForSnippets: false,
})

/** The nodes of the site that restores are made on, or of those that are named. */
defineParameterType({
  name: 'nodes',
  regexp: /every node(?: of "([^"]*)"(?: and "([^"]*)")?)?/,
  transformer(this: Reading, one?: string, other?: string): NodeChoice {
    const sites = [one, other].filter((site) => site != null)
    for (const site of sites) this?.planned?.requireSite(site)
    return { sites }
  },
  useForSnippets: false,
})

/** What is seen of a directory. */
defineParameterType({ name: 'sight', regexp: /missing|empty|filled/, useForSnippets: false })

/** A command line whose first word is a program, or an executable file of the project. */
defineParameterType({
  name: 'runbook',
  regexp: /"([^"]*)"/,
  transformer(this: { readonly parameters?: { readonly project?: string } } | null, line: string) {
    return parseRunbook(line, this?.parameters?.project ?? process.cwd())
  },
  useForSnippets: false,
})

/** Some of the restores of the last `When`. */
defineParameterType({
  name: 'restores',
  regexp:
    /(?:every (restore|full snapshot|incremental snapshot)|the restore)(?: of "([^"]*)")?(?:(?: restored)? on "([^"]*)")?/,
  transformer(this: Reading, what: string | undefined, workload?: string, node?: string): RestoreChoice {
    if (node) this?.planned?.require(node)
    return {
      ...(what === 'full snapshot' && { type: 'full' }),
      ...(what === 'incremental snapshot' && { type: 'incremental' }),
      ...(workload && { workload }),
      ...(node && { node }),
    }
  },
  useForSnippets: false,
})

/** The images of one snapshot; in a claim, its restores. */
defineParameterType({
  name: 'snapshot',
  regexp: /(?:snapshot (\d+)|the full snapshot) of "([^"]*)"/,
  transformer: (snapshot: string | undefined, workload: string): RestoreChoice => ({
    workload,
    snapshot: Number(snapshot ?? 1),
  }),
  useForSnippets: false,
})

/** What a site has that others have not. */
const peculiarities: ReadonlyMap<string, Partial<SiteSpec>> = new Map([
  ['private mounts', { propagation: 'private' }],
  ['mounts on demand', { mountedBy: 'product' }],
  ['service in a container', { service: 'container' }],
  ['with dr-drill', { tool: true }],
])

function peculiarity(text: string): Partial<SiteSpec> {
  const known = peculiarities.get(text)
  if (known === undefined)
    throw new InputError(`nobody knows what a site with "${text}" is`, {
      remedy: `Known are: ${[...peculiarities.keys()].join(', ')}.`,
    })
  return known
}

const nameOf = ({ name }: { readonly name: string }): string => name

function pick({ name: distribution, version }: { name: string; version: string }) {
  return { distribution, version }
}
