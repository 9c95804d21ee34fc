import type { TopologyInput } from '../lab/topology/topology-schema.ts'

/** A site as a step describes it; what it leaves out is a small site of the version that the procedure is shown for. */
export interface SiteSpec {
  readonly name: string
  readonly distribution?: string
  readonly version?: string
  /** How many, beside the appliance. */
  readonly computes?: number
  readonly propagation?: 'shared' | 'private'
  readonly mountedBy?: 'fstab' | 'product'
  readonly service?: 'host' | 'container'
  /** Whether dr-drill itself is on its nodes. */
  readonly tool?: boolean
}

function computeNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `compute-${index + 1}`)
}

/** The nodes that a site may have; where its number of computes is left out, that is up to two. */
export function nodeNames({ computes = 2 }: SiteSpec): readonly string[] {
  return ['appliance', ...computeNames(computes)]
}

/** A topology with just this site. @param exported the shares among them whose servers come up with it */
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
