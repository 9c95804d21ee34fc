import { defineParameterType, setWorldConstructor } from '@cucumber/cucumber'
import { findDistribution, parseShare, parseTopology, readTopologyFile, type SiteSpec } from '../../src/index.ts'
import { DrillWorld, type RestoreChoice } from './world.ts'

setWorldConstructor(DrillWorld)

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
  transformer(this: { readonly parameters?: { readonly topologies?: string } } | null, file: string) {
    const yaml = readTopologyFile(file, this?.parameters?.topologies)
    parseTopology(yaml, file)
    return (taken: readonly string[]) => parseTopology(yaml, file, taken)
  },
  useForSnippets: false,
})

defineParameterType({
  name: 'site',
  regexp: /site "([^"]*)"(?: of ([a-z-]+) (\d+\.\d+))?(?: with (no|\d+) computes?)?/,
  transformer: (name: string, distribution?: string, version?: string, computes?: string): SiteSpec => ({
    name,
    ...(distribution && version && pick(findDistribution(distribution, version))),
    ...(computes && { computes: computes === 'no' ? 0 : Number(computes) }),
  }),
  useForSnippets: false,
})

/** Some of the restores of the last `When`. */
defineParameterType({
  name: 'restores',
  regexp:
    /(?:every (restore|full snapshot|incremental snapshot)|the restore)(?: of "([^"]*)")?(?:(?: restored)? on "([^"]*)")?/,
  transformer: (what: string | undefined, workload?: string, node?: string): RestoreChoice => ({
    ...(what === 'full snapshot' && { type: 'full' }),
    ...(what === 'incremental snapshot' && { type: 'incremental' }),
    ...(workload && { workload }),
    ...(node && { node }),
  }),
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

function pick({ name: distribution, version }: { name: string; version: string }) {
  return { distribution, version }
}
