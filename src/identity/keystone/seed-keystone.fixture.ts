import assert from 'node:assert/strict'
import { check } from '../../input/schema-check.ts'
import { type CloudInput, cloudSchema } from '../cloud-schema.ts'
import { type CloudProfile, cloudProfile } from './cloud-profile.ts'
import type { KeystoneServer } from './keystone-server.fixture.ts'

/** The password of all users. */
const password = 'a user "has" this'

/** The profile of a user of a Keystone. */
export function profileFor(
  { url, password: ofAdmin }: Pick<KeystoneServer, 'url' | 'password'>,
  user = 'admin',
  project = 'admin',
): CloudProfile {
  const isAdmin = user === 'admin'
  const scope = isAdmin && project === 'admin' ? { system_scope: 'all' } : { project_name: project }
  const auth = { auth_url: url, username: user, password: isAdmin ? ofAdmin : password, ...scope }
  return cloudProfile({ name: 'recovery', from: 'clouds.yaml: cloud recovery', auth, isVerified: true })
}

interface Created {
  readonly id: string
}

/** Requests of an administrator, as a program without this code makes them. */
export class KeystoneAdmin {
  readonly #url: string
  readonly #token: string

  private constructor(url: string, token: string) {
    this.#url = url
    this.#token = token
  }

  static async logIn({ url, password: ofAdmin }: Pick<KeystoneServer, 'url' | 'password'>): Promise<KeystoneAdmin> {
    const domain = { id: 'default' }
    const identity = { methods: ['password'], password: { user: { name: 'admin', domain, password: ofAdmin } } }
    const auth = { identity, scope: { system: { all: true } } }
    const answer = await fetch(`${url}/auth/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ auth }),
    })
    const token = answer.headers.get('x-subject-token')
    assert.ok(token, await answer.text())
    return new KeystoneAdmin(url, token)
  }

  /** The same with another token. */
  as(token: string): KeystoneAdmin {
    return new KeystoneAdmin(this.#url, token)
  }

  /** Creates one thing. Undefined if Keystone answers without any. */
  async create(path: string, body: Record<string, unknown>, key = Object.keys(body)[0] ?? ''): Promise<Created> {
    return (await this.ask('POST', path, body))[key] as Created
  }

  async ask(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const answer = await fetch(`${this.#url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'x-auth-token': this.#token },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`)
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
  }

  /** Creates the people of a description, and unified limits of their quotas. */
  async seed(input: CloudInput): Promise<void> {
    const cloud = check(cloudSchema, input, 'test')
    const domains = new Map([['Default', 'default']])
    for (const name of cloud.domains) domains.set(name, (await this.create('/domains', { domain: { name } })).id)
    const projects = new Map<string, string>()
    const resources: Record<string, string> = { instances: 'servers', cores: 'class:VCPU', ramMib: 'class:MEMORY_MB' }
    const service_id = (await this.create('/services', { service: { type: 'compute', name: 'nova' } })).id
    const registered = new Set<string>()
    for (const { name, domain, enabled, quota } of cloud.projects) {
      const project = { name, domain_id: domains.get(domain), enabled }
      const project_id = (await this.create('/projects', { project })).id
      projects.set(`${domain}/${name}`, project_id)
      for (const [key, resource_limit] of Object.entries(quota)) {
        const resource_name = resources[key] ?? key
        const limit = { service_id, resource_name }
        if (!registered.has(resource_name))
          await this.ask('POST', '/registered_limits', { registered_limits: [{ ...limit, default_limit: 10 }] })
        registered.add(resource_name)
        await this.ask('POST', '/limits', { limits: [{ ...limit, project_id, resource_limit }] })
      }
    }
    const { roles } = (await this.ask('GET', '/roles')) as { roles: (Created & { name: string })[] }
    const known = new Map(roles.map(({ id, name }) => [name, id]))
    const roleId = async (name: string) => {
      const id = known.get(name) ?? (await this.create('/roles', { role: { name } })).id
      known.set(name, id)
      return id
    }
    for (const { name, domain, enabled, email, roles: held } of cloud.users) {
      const user = { name, domain_id: domains.get(domain), enabled, password, ...(email && { email }) }
      const { id } = await this.create('/users', { user })
      for (const [place, names] of Object.entries(held)) {
        const project = projects.get(place.includes('/') ? place : `${domain}/${place}`)
        for (const role of names) await this.ask('PUT', `/projects/${project}/users/${id}/roles/${await roleId(role)}`)
      }
    }
  }
}
