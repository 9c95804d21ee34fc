import assert from 'node:assert/strict'
import { it } from 'node:test'
import { openSiteHosts, type SiteHostsOptions } from './site-hosts.ts'

it('openSiteHosts does not take a host for the service in its container until that is configured', async () => {
  const asked = async (options: SiteHostsOptions) => {
    await using hosts = openSiteHosts(options)
    const [node] = hosts.nodes
    return node?.service === undefined ? 'the host' : await node.service().catch((error: Error) => error.message)
  }
  const kolla = '/var/trilio/triliovault-mounts/L3JlcGxpY2E='
  assert.match(await asked({ targets: [kolla] }).then(String), /^localhost: .* none is configured$/)
  assert.equal(await asked({ targets: [kolla], service: 'host' }), 'the host')
  assert.equal(await asked({ targets: ['/var/triliovault-mounts/L3JlcGxpY2E='] }), 'the host')
})
