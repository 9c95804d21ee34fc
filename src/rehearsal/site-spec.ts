import type { CloudInput } from '../identity/cloud-schema.ts'
import type { TopologyInput } from '../lab/topology/topology-schema.ts'

/** A site as a step describes it. The defaults are a small site of the documented version. */
export interface SiteSpec {
  readonly name: string
  readonly distribution?: string
  readonly version?: string
  /** Number of computes beside the appliance. */
  readonly computes?: number
  readonly propagation?: 'shared' | 'private'
  readonly mountedBy?: 'fstab' | 'product'
  readonly service?: 'host' | 'container'
  /** True to have dr-drill itself on its nodes. */
  readonly tool?: boolean
  /** The people of its cloud. Undefined for a site without a workload manager. */
  readonly cloud?: CloudInput
}

function computeNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `compute-${index + 1}`)
}

/** Returns the nodes that a site can have: with up to two computes, unless it has a number of them. */
export function nodeNames({ computes = 2 }: SiteSpec): readonly string[] {
  return ['appliance', ...computeNames(computes)]
}

/** Returns a topology with this site alone. @param exported the shares whose servers come up with it */
export function siteInput(site: SiteSpec, shares: readonly string[], exported: readonly string[]): TopologyInput {
  const { name, distribution = 'juju', version = '4.1', computes = 1, ...more } = site
  return {
    shares: exported.map((share) => ({ share })),
    sites: [
      {
        name,
        distribution,
        version,
        ...more,
        shares: [...shares],
        nodes: [
          { name: 'appliance', role: 'appliance' },
          ...computeNames(computes).map((node) => ({ name: node, role: 'compute' as const })),
        ],
      },
    ],
  }
}
