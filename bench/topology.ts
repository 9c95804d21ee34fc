import { planTopology } from '../src/lab/topology/topology.ts'

/** One server, and three nodes that mount its share. */
export const siteTopology = planTopology({
  shares: [{ share: '10.20.2.20:/replica' }],
  sites: [
    {
      name: 'site',
      distribution: 'juju',
      version: '4.1',
      shares: ['10.20.2.20:/replica'],
      nodes: [
        { name: 'appliance', role: 'appliance' },
        { name: 'compute-1', role: 'compute' },
        { name: 'compute-2', role: 'compute' },
      ],
    },
  ],
})
