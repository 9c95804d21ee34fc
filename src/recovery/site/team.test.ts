import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Team, type TeamOptions } from './team.ts'

it('does not believe what this host sees where its product runs in a container, until that is said', async () => {
  const asked = async (options: TeamOptions) => {
    await using team = new Team(options)
    const [member] = team.members
    return member?.service === undefined ? 'the host' : await member.service().catch((error: Error) => error.message)
  }
  const kolla = '/var/trilio/triliovault-mounts/L3JlcGxpY2E='
  assert.match(await asked({ targets: [kolla] }).then(String), /^localhost: .* nothing says in which$/)
  assert.equal(await asked({ targets: [kolla], service: 'host' }), 'the host')
  assert.equal(await asked({ targets: ['/var/triliovault-mounts/L3JlcGxpY2E='] }), 'the host')
})
