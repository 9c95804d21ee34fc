import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InputError } from '../errors.ts'
import { siteOfInventory } from './inventory.ts'
import { parseServicePlace } from './inventory-schema.ts'
import { parseInventory } from './parse-inventory.ts'

const whole = `sites:
  - name: recovery
    distribution: kolla
    version: "4.3"
    shares: ["10.20.2.20:/replica"]
    user: stack
    service: { container: triliovault_datamover }
    nodes:
      - { name: appliance, role: appliance, address: 10.0.0.5, port: 2222, service: host }
      - { name: compute-1, key: ~/.ssh/lab, sudo: never }
      - { name: here, address: local }
`

function refusalOf(yaml: string): string {
  try {
    parseInventory(yaml, 'hosts.yaml')
  } catch (error) {
    assert.ok(error instanceof InputError, String(error))
    return error.message
  }
  return assert.fail('it was accepted')
}

const site = (nodes: string, rest = ''): string => `sites:\n  - name: a\n${rest}    nodes:\n${nodes}`

describe('parseInventory', () => {
  it('derives from the version whether shares are mounted on demand, unless mountedBy is set', () => {
    const of = (rest: string) => {
      const [one] = parseInventory(site('      - { name: b }\n', rest), 'hosts.yaml').sites
      return [one?.mountedBy, one?.mountsOnDemand]
    }
    assert.deepEqual(of(''), [undefined, undefined])
    assert.deepEqual(of('    distribution: juju\n    version: "6.1"\n'), [undefined, false])
    assert.deepEqual(of('    distribution: juju\n    version: "6.2"\n'), [undefined, true])
    assert.deepEqual(of('    mountedBy: product\n'), ['product', undefined])
  })

  it('returns how each host is entered, with the defaults of its site', () => {
    const [recovery] = parseInventory(whole, 'hosts.yaml').sites
    assert.deepEqual(recovery?.hosts, [
      {
        name: 'appliance',
        where: 'recovery/appliance',
        role: 'appliance',
        access: { kind: 'ssh', address: '10.0.0.5', user: 'stack', port: 2222 },
        sudo: 'auto',
        service: 'host',
      },
      {
        name: 'compute-1',
        where: 'recovery/compute-1',
        role: 'compute',
        access: { kind: 'ssh', address: 'compute-1', user: 'stack', key: '~/.ssh/lab' },
        sudo: 'never',
        service: { container: 'triliovault_datamover' },
      },
      {
        name: 'here',
        where: 'recovery/here',
        role: 'compute',
        access: { kind: 'local' },
        sudo: 'auto',
        service: { container: 'triliovault_datamover' },
      },
    ])
  })

  it('completes values that distribution and version define, and mount paths', () => {
    const [recovery] = parseInventory(whole, 'hosts.yaml').sites
    assert.equal(recovery?.owner?.uid, 42_436)
    assert.equal(recovery?.shares[0]?.mountPath, '/var/trilio/triliovault-mounts/L3JlcGxpY2E=')
    const [bare] = parseInventory(site('      - { name: b }\n', '    shares: ["h:/x"]\n'), 'x').sites
    assert.deepEqual([bare?.baseDirectory, bare?.owner, bare?.shares[0]?.mountPath], [undefined, undefined, undefined])
  })

  it('leaves the place of a service open if the distribution runs it in a container', () => {
    const placeOf = (rest: string, node = '') =>
      parseInventory(site(`      - { name: b${node} }\n`, rest), 'x').sites[0]?.hosts[0]?.service
    const kolla = '    distribution: kolla\n    version: "4.3"\n'
    assert.equal(placeOf(kolla), 'unknown')
    assert.equal(placeOf(kolla, ', service: host'), 'host')
    assert.equal(placeOf('    baseDirectory: /var/lib/nova/triliovault-mounts\n'), 'unknown')
    assert.equal(placeOf('    distribution: juju\n    version: "4.1"\n'), 'host')
    assert.deepEqual(parseServicePlace('container:a_b'), { container: 'a_b' })
    assert.deepEqual(parseServicePlace('host'), 'host')
    for (const odd of ['unknown', 'container:', 'contaner:x', 'namespace:here', 'process:(', ''])
      assert.throws(() => parseServicePlace(odd), /--service must be host/, odd)
  })

  it('finds the only site, or the one that is named', () => {
    const two = parseInventory('sites: [{name: a, nodes: [{name: x}]}, {name: b, nodes: [{name: y}]}]', 'h.yaml')
    assert.equal(siteOfInventory(two, 'b').name, 'b')
    assert.throws(() => siteOfInventory(two), /^InputError: h\.yaml has several sites$/)
    assert.throws(() => siteOfInventory(two, 'c'), /^InputError: h\.yaml has no site "c"$/)
  })

  const bad: readonly [what: string, yaml: string, message: string | RegExp][] = [
    [
      'an unknown key, with the nearest known',
      site('      - name: b\n        adress: 10.0.0.1\n'),
      'hosts.yaml:5: sites.0.nodes.0: unknown key `adress`: did you mean `address`?',
    ],
    [
      'each of several unknown keys',
      'sites: []\ntint: red\nsiets: []',
      /^hosts\.yaml:1: sites: .*\nhosts\.yaml:2: unknown key `tint`: known keys: sshConfig, sites\nhosts\.yaml:3: unknown key `siets`: did you mean `sites`\?$/,
    ],
    [
      'a node that is defined twice',
      site('      - { name: b, address: x }\n      - { name: b, address: y }\n'),
      'hosts.yaml:5: the node b of site a is defined twice, first at hosts.yaml:4',
    ],
    [
      'one host under two names',
      site('      - { name: b, address: x }\n      - { name: c, address: x }\n'),
      'hosts.yaml:5: the host x is defined twice, first at hosts.yaml:4',
    ],
    [
      'a site that is defined twice',
      'sites:\n  - {name: a, nodes: [{name: b}]}\n  - {name: a, nodes: [{name: c}]}',
      'hosts.yaml:3: the site a is defined twice, first at hosts.yaml:2',
    ],
    [
      'a wrong type',
      site('      - { name: b, port: "22" }\n'),
      /^hosts\.yaml:4: sites\.0\.nodes\.0\.port: expected number/,
    ],
    ['an invalid port', site('      - { name: b, port: 70000 }\n'), /^hosts\.yaml:4: .*port/],
    [
      'an address that ssh takes for an option',
      site('      - { name: b, address: -oProxyCommand=x }\n'),
      /^hosts\.yaml:4: .*address: must be/,
    ],
    ['a user with a space', site('      - { name: b, user: a b }\n'), /user: must be the name of a user/],
    ['a role', site('      - { name: b, role: comptue }\n'), /role: must be one of .*did you mean compute\?/],
    [
      'a service',
      site('      - { name: b, service: { contaner: x } }\n'),
      /^hosts\.yaml:4: sites\.0\.nodes\.0\.service/,
    ],
    ['a missing name', site('      - { address: b }\n'), 'hosts.yaml:4: sites.0.nodes.0.name: is missing'],
    ['a site without nodes', 'sites: [{name: a, nodes: []}]', /^hosts\.yaml:1: sites\.0\.nodes/],
    ['an empty file', '', /^hosts\.yaml: the document: /],
    ['a share', site('      - { name: b }\n', '    shares: ["h"]\n'), /^hosts\.yaml:2: .*"h"/],
    [
      'a distribution',
      site('      - { name: b }\n', '    distribution: kola\n    version: "4.3"\n'),
      /^hosts\.yaml:2: .*kolla/,
    ],
    [
      'a distribution without a version',
      site('      - { name: b }\n', '    distribution: kolla\n'),
      /^hosts\.yaml:2: .*version/,
    ],
    ['a key that is defined twice', 'sites: []\nsites: []', /^hosts\.yaml:2: Map keys must be unique/],
    ['invalid YAML', 'sites: [', /^hosts\.yaml:1: /],
    ['an alias of itself', 'sites: &a [*a]', /^hosts\.yaml/],
  ]
  for (const [what, yaml, message] of bad)
    it(`refuses ${what}`, () => {
      const refusal = refusalOf(yaml)
      if (typeof message === 'string') assert.equal(refusal, message)
      else assert.match(refusal, message)
    })
})
