import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { identityContract } from '../contract.ts'
import type { People } from '../people.ts'
import { AnsweringServer, json, refuse } from './answering-server.fixture.ts'
import { type CloudProfile, cloudProfile } from './cloud-profile.ts'
import { KeystoneConnection } from './keystone-connection.ts'
import { KeystoneIdentity } from './keystone-identity.ts'
import { KeystoneServer, keystoneCode } from './keystone-server.fixture.ts'
import { KeystoneAdmin, profileFor } from './seed-keystone.fixture.ts'

const code = keystoneCode()
const skip = 'missing' in code && code.missing
let server: KeystoneServer
before(async () => {
  if ('path' in code) server = await KeystoneServer.start(code.path)
})
after(() => server?.[Symbol.asyncDispose]())

identityContract(
  "Debian's Keystone",
  async (cloud) => {
    await (await KeystoneAdmin.logIn(server)).seed(cloud)
    const all = new AsyncDisposableStack()
    const as = async (user?: string, project?: string) =>
      all.use(new KeystoneIdentity(profileFor(server, user, project)))
    return { admin: await as(), as, [Symbol.asyncDispose]: () => all.disposeAsync() }
  },
  { skip },
)

describe("Debian's Keystone", { skip }, () => {
  it('has the roles of groups, of domains and projects above, and implied ones, also where it refuses its own list', async () => {
    const admin = await KeystoneAdmin.logIn(server)
    const domain_id = (await admin.create('/domains', { domain: { name: 'tree' } })).id
    const project = (name: string, parent_id = domain_id) =>
      admin.create('/projects', { project: { name, domain_id, parent_id } })
    const top = await project('top')
    const middle = await project('middle', top.id)
    const leaf = await project('leaf', middle.id)
    const user = (name: string) => admin.create('/users', { user: { name, domain_id } })
    const [ann, ben] = [await user('ann'), await user('ben')]
    const group = await admin.create('/groups', { group: { name: 'operators', domain_id } })
    await admin.ask('PUT', `/groups/${group.id}/users/${ann.id}`)
    const role = (name: string) => admin.create('/roles', { role: { name } })
    const [boss, worker, visitor] = [await role('boss'), await role('worker'), await role('visitor')]
    await admin.ask('PUT', `/roles/${boss.id}/implies/${worker.id}`)
    await admin.ask('PUT', `/roles/${worker.id}/implies/${visitor.id}`)
    const inherit = (place: string) => admin.ask('PUT', `/OS-INHERIT/${place}/inherited_to_projects`)
    await inherit(`projects/${top.id}/groups/${group.id}/roles/${boss.id}`)
    await inherit(`domains/${domain_id}/users/${ben.id}/roles/${visitor.id}`)
    await admin.ask('PUT', `/projects/${middle.id}/users/${ben.id}/roles/${worker.id}`)
    await admin.ask('PUT', `/domains/${domain_id}/users/${ben.id}/roles/${boss.id}`)

    await using refusing = await AnsweringServer.start(async (got, response) => {
      if (got.path.includes('effective')) return refuse(403, 'not that one')(got, response)
      const answer = await fetch(new URL(got.path, server.url), {
        method: got.method,
        headers: { 'content-type': 'application/json', ...(got.token !== undefined && { 'x-auth-token': got.token }) },
        ...(got.body !== '' && { body: got.body }),
      })
      const token = answer.headers.get('x-subject-token')
      json(response, await answer.json(), answer.status, token === null ? {} : { 'x-subject-token': token })
    })
    const read = async (url: string) => {
      await using identity = new KeystoneIdentity(profileFor({ ...server, url }))
      return await identity.readPeople()
    }
    const [own, made] = [await read(server.url), await read(`${refusing.url}/v3`)]
    const rolesOf = (people: People) =>
      [top, middle, leaf].map(({ id }) => [ann, ben].map((one) => [...people.rolesOf(one.id, id)].sort()))
    assert.deepEqual(rolesOf(own), [
      [[], ['visitor']],
      [
        ['boss', 'visitor', 'worker'],
        ['visitor', 'worker'],
      ],
      [['boss', 'visitor', 'worker'], ['visitor']],
    ])
    assert.deepEqual(rolesOf(made), rolesOf(own))
    const keys = ({ data }: People) =>
      [...new Set(data.assignments.map(({ userId, projectId, roleId }) => `${userId} ${projectId} ${roleId}`))].sort()
    assert.deepEqual(keys(made), keys(own))
  })

  it('accepts an application credential, and a token', async () => {
    const admin = await KeystoneAdmin.logIn(server)
    const domain = { id: 'default' }
    const user = { name: 'admin', domain, password: server.password }
    const identity = { methods: ['password'], password: { user } }
    const scope = { project: { name: 'admin', domain } }
    const logIn = await fetch(`${server.url}/auth/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ auth: { identity, scope } }),
    })
    const token = logIn.headers.get('x-subject-token') ?? ''
    const { token: facts } = (await logIn.json()) as { token: { user: { id: string } } }
    const own = await admin.as(token).create(`/users/${facts.user.id}/application_credentials`, {
      application_credential: { name: 'dr-drill', secret: 'of the credential' },
    })
    const profileOf = (auth: Readonly<Record<string, string>>) =>
      cloudProfile({ name: 'c', from: 'test', auth: { auth_url: server.url, ...auth }, isVerified: true })
    const secret = { application_credential_secret: 'of the credential' }
    await using byId = new KeystoneIdentity(profileOf({ application_credential_id: own.id, ...secret }))
    const people = await byId.readPeople()
    assert.ok(people.data.projects.some(({ name }) => name === 'admin'))
    // Those of other projects are not visible for this login.
    assert.deepEqual(people.data.quotas, [])
    for (const auth of [
      { application_credential_name: 'dr-drill', username: 'admin', ...secret },
      { token, project_name: 'admin' },
    ]) {
      await using connection = new KeystoneConnection(profileOf(auth))
      await connection.get('/domains')
      assert.match(JSON.stringify(await connection.tokenFacts()), /"project":\{[^}]*\},"?[^]*"name":"admin"/)
    }
  })

  it('refuses a wrong password, an unknown project, and lists for a user without rights', async () => {
    const wrong = { ...server, url: server.url, password: 'wrong' }
    const cases: readonly (readonly [CloudProfile, RegExp])[] = [
      [profileFor(wrong), /^cloud recovery refuses the login of user admin in domain default: .*answered 401/],
      [profileFor(server, 'admin', 'no-such-project'), /^cloud recovery refuses the login .*answered 401/],
      [
        profileFor(server, 'alice', 'web-shop'),
        /^cloud recovery does not let user alice in domain default read \/\w+: .*answered 403/,
      ],
    ]
    for (const [profile, message] of cases) {
      await using service = new KeystoneIdentity(profile)
      await assert.rejects(service.readPeople(), { message })
    }
  })
})
