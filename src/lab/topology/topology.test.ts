import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InputError } from '../../errors.ts'
import { appliance, compute, refusalOf, type SiteInput, share, site, withSites } from './topology.fixture.ts'
import { parseTopology, planTopology } from './topology.ts'
import type { TopologyInput } from './topology-schema.ts'

describe('a topology', () => {
  it('gets its defaults from the distribution and version', () => {
    const { servers, sites } = planTopology(withSites(site()))
    assert.deepEqual(servers, [
      {
        name: 'nfs-10-10-2-20',
        address: '10.10.2.20',
        shares: [
          {
            share: { text: share, host: '10.10.2.20', path: '/upstream' },
            exportOptions: 'rw,sync,no_subtree_check,root_squash',
            owner: { uid: 42_436, gid: 42_436 },
          },
        ],
      },
    ])
    const [only] = sites
    assert.ok(only)
    assert.equal(only.baseDirectory, '/var/trilio/triliovault-mounts')
    assert.equal(only.pathRule, 'export')
    assert.equal(only.propagation, 'shared')
    assert.deepEqual(only.user, { uid: 42_436, gid: 42_436 })
    assert.equal(only.shares[0]?.mountPath, '/var/trilio/triliovault-mounts/L3Vwc3RyZWFt')
    assert.ok(only.nodes.every((node) => node.memoryMib === 320 && node.address.startsWith('10.250.')))
    assert.equal(new Set(only.nodes.map((node) => node.address)).size, 2)
  })
  it('can override each of these defaults', () => {
    const own = {
      baseDirectory: '/mnt/own',
      pathRule: 'share',
      mountOptions: 'nfsvers=4.2,hard',
      user: { uid: 7, gid: 8 },
      propagation: 'private',
    } as const
    const { servers, sites } = planTopology(withSites(site(own)))
    const { baseDirectory, pathRule, mountOptions, user, propagation } = sites[0] ?? assert.fail()
    assert.deepEqual({ baseDirectory, pathRule, mountOptions, user, propagation }, own)
    assert.equal(sites[0]?.shares[0]?.mountPath, `/mnt/own/${Buffer.from(share).toString('base64')}`)
    assert.deepEqual(servers[0]?.shares[0]?.owner, own.user)
  })
  it('shows a service in a container the parent of the base directory, but not /var', () => {
    const subtreeOf = (site: object) => {
      const [planned] = planTopology({
        sites: [
          {
            name: 'a',
            distribution: 'kolla',
            version: '4.3',
            shares: ['10.10.2.20:/x'],
            nodes: [{ name: 'appliance', role: 'appliance' }],
            ...site,
          },
        ],
      }).sites
      return planned?.container?.subtree
    }
    assert.equal(subtreeOf({}), undefined)
    assert.equal(subtreeOf({ service: 'container' }), '/var/trilio')
    assert.equal(subtreeOf({ service: 'container', version: '4.0' }), '/var/triliovault-mounts')
    assert.equal(subtreeOf({ service: 'container', subtree: '/var/lib' }), '/var/lib')
  })

  it('has one server for all shares of an address', () => {
    const second = { share: '10.10.2.20:/other', export: 'ro' }
    const { servers } = planTopology({ shares: [{ share }, second] })
    assert.deepEqual(
      servers.map(({ shares }) => shares.map((one) => [one.share.path, one.exportOptions])),
      [
        [
          ['/upstream', 'rw,sync,no_subtree_check,root_squash'],
          ['/other', 'ro'],
        ],
      ],
    )
  })
  it('is the same in YAML and in code', () => {
    const yaml = `
shares:
  - share: ${share}
sites:
  - name: primary
    distribution: kolla
    version: "4.3"
    shares: [${share}]
    nodes:
      - { name: appliance, role: appliance }
      - { name: compute-1, role: compute }
`
    assert.deepEqual(parseTopology(yaml, 'lab.yaml'), planTopology(withSites(site())))
  })
})

describe('a service', () => {
  it('has an address in a network of its own, and keeps the one that it is given', () => {
    const named = { name: 'post', kind: 'mail', address: '10.9.9.9' } as const
    const { services } = planTopology({ services: [{ name: 'mail', kind: 'mail' }, named] })
    assert.match(services[0]?.address ?? '', /^10\.250\.\d+\.5$/)
    assert.deepEqual(services[1], { ...named, memoryMib: 256 })
  })

  it('cannot have the name or address of another machine', () => {
    const mail = { name: 'mail', kind: 'mail', address: '10.10.2.20' } as const
    assert.match(
      refusalOf(() => planTopology({ services: [mail, { ...mail, address: '10.9.9.9' }] })),
      /machine mail is defined twice/,
    )
    assert.match(
      refusalOf(() => planTopology({ ...withSites(site()), services: [mail] })),
      /address 10\.10\.2\.20 is defined twice/,
    )
  })
})

describe('default addresses', () => {
  const networksOf = ({ sites }: ReturnType<typeof planTopology>) =>
    sites.map(({ nodes }) => nodes[0]?.address.replace(/\.\d+$/, ''))

  it('are in a separate network for each site, also if sites are planned one by one', () => {
    const names = Array.from({ length: 200 }, (_, index) => `site-${index}`)
    const together = networksOf(planTopology(withSites(...names.map((name) => site({ name })))))
    assert.equal(new Set(together).size, names.length)
    const taken: string[] = []
    for (const name of names) {
      const { sites } = planTopology(withSites(site({ name })), name, taken)
      const addresses = sites.flatMap(({ nodes }) => nodes.map(({ address }) => address))
      assert.ok(!addresses.some((address) => taken.includes(address)))
      taken.push(...addresses)
    }
  })
  it('do not depend on other sites if they are free', () => {
    const [alone] = networksOf(planTopology(withSites(site())))
    const [, second] = networksOf(planTopology(withSites(site({ name: 'other' }), site())))
    assert.equal(second, alone)
  })
  it('are not in the network of a server or node with an address of its own', () => {
    const [first] = networksOf(planTopology(withSites(site())))
    const server = { share: `${first}.1:/x` }
    assert.notEqual(networksOf(planTopology({ ...withSites(site()), shares: [server] }))[0], first)
  })
})

describe('a topology is refused by name for', () => {
  const at = (address: string) => ({ ...compute, address })
  const bad: readonly [what: string, input: TopologyInput, named: RegExp][] = [
    ['a duplicate address', withSites(site({ nodes: [appliance, at('10.10.2.20')] })), /10\.10\.2\.20/],
    ['an invalid address', withSites(site({ nodes: [appliance, at('10.10.2.256')] })), /nodes\.1\.address/],
    [
      'an address in the management network',
      withSites(site({ nodes: [appliance, at('100.64.0.9')] })),
      /100\.64\.0\.9.*management/,
    ],
    ['a server in the management network', { shares: [{ share: '100.64.0.1:/x' }] }, /100\.64\.0\.1.*management/],
    ['a server without an address', { shares: [{ share: 'nfs.example:/x' }] }, /nfs\.example:\/x.*IPv4/],
    ['an unknown role', withSites(site({ nodes: [{ ...compute, role: 'comptue' as 'compute' }] })), /nodes\.0\.role/],
    ['an unknown key', withSites({ ...site(), color: 'red' } as SiteInput), /color/],
    ['a share without a slash', withSites(site({ shares: ['10.10.2.20:upstream'] })), /"10\.10\.2\.20:upstream"/],
    ['an exported share without a slash', { shares: [{ share: '10.10.2.20:x' }] }, /"10\.10\.2\.20:x"/],
    ['a duplicate share', { shares: [{ share }, { share }] }, /share 10\.10\.2\.20:\/upstream .* twice/],
    ['an unknown distribution', withSites(site({ distribution: 'kola' })), /"kola 4\.3".*kolla 4\.3/],
    ['an unknown version', withSites(site({ version: '9.9' })), /"kolla 9\.9".*kolla 6\.2/],
    ['a duplicate site', withSites(site(), site()), /site primary is defined twice/],
    ['a duplicate node', withSites(site({ nodes: [appliance, compute, compute] })), /compute-1 is .*twice/],
    ['a name that is not a host name', withSites(site({ name: 'Primary Site' })), /sites\.0\.name/],
    [
      'two shares at the same mount path',
      withSites(site({ shares: [share, '10.20.2.20:/upstream'] })),
      /primary .*10\.10\.2\.20:\/upstream and 10\.20\.2\.20:\/upstream at .*L3Vwc3RyZWFt/,
    ],
    ['a site without shares', withSites(site({ shares: [] })), /sites\.0\.shares/],
    ['too little memory', withSites(site({ nodes: [{ ...appliance, memoryMib: 64 }] })), /memoryMib/],
    ['root as the user of the product', withSites(site({ user: { uid: 0, gid: 0 } })), /user\.uid/],
    ['a site without an appliance', withSites(site({ nodes: [compute] })), /site primary .*appliance/],
    [
      'two machines with the same name',
      withSites(
        site({ name: 'a-b', nodes: [appliance, { name: 'c', role: 'compute' }] }),
        site({ name: 'a', nodes: [appliance, { name: 'b-c', role: 'compute' }] }),
      ),
      /machine a-b-c is defined twice/,
    ],
  ]
  for (const [what, input, named] of bad)
    it(what, () => {
      const message = refusalOf(() => planTopology(input, 'lab.yaml'))
      assert.match(message, named)
    })

  it('a file that is not YAML', () => {
    assert.match(
      refusalOf(() => parseTopology('a: [', 'lab.yaml')),
      /^lab\.yaml: /,
    )
  })
})

describe('an invalid value', () => {
  const values = [undefined, null, true, 0, -1.5, Number.NaN, '', 'x', [], [[]], [null], {}, { a: 1 }, () => {}]
  const keys = ['name', 'distribution', 'version', 'shares', 'nodes', 'propagation', 'baseDirectory', 'user'] as const

  /** Plans a topology, and accepts no error but an InputError. */
  function tried(input: unknown): void {
    try {
      planTopology(input as TopologyInput)
    } catch (error) {
      assert.ok(error instanceof InputError, `${JSON.stringify(input)}: ${error}`)
    }
  }

  it('anywhere in a topology throws an InputError', () => {
    for (const value of values) {
      tried(value)
      tried({ shares: value })
      tried({ sites: value })
      tried({ shares: [{ share: value }] })
      for (const key of keys) tried(withSites({ ...site(), [key]: value } as SiteInput))
      for (const key of ['name', 'role', 'address', 'memoryMib'])
        tried(withSites(site({ nodes: [{ ...appliance, [key]: value }] })))
    }
  })
  for (const yaml of [
    '',
    '~',
    '[]',
    '- 1',
    '42',
    'x',
    '--- 1\n--- 2',
    '&a [*a]',
    '*a',
    '? [1]\n: 2',
    '\0',
    '!!binary x',
  ])
    it(`in YAML throws an InputError: ${JSON.stringify(yaml)}`, () => {
      refusalOf(() => parseTopology(yaml, 'lab.yaml'))
    })
})
