import { InputError } from '../../errors.ts'
import type { IdentityService, TrustRequest } from '../identity-service.ts'
import { type CloudTrust, People } from '../people.ts'
import type { CloudProfile } from './cloud-profile.ts'
import { type ConnectionOptions, KeystoneConnection } from './keystone-connection.ts'
import { KeystoneError } from './keystone-error.ts'
import { KeystoneLists } from './keystone-lists.ts'
import { readKeystonePeople } from './keystone-people.ts'
import { tokenAnswer, trustAnswer } from './keystone-schema.ts'

/** The identity service of an OpenStack cloud: Keystone, version 3. */
export class KeystoneIdentity implements IdentityService, AsyncDisposable {
  readonly #connection: KeystoneConnection

  /** @throws InputError for a file of certificates that cannot be read */
  constructor(profile: CloudProfile, options: ConnectionOptions = {}) {
    this.#connection = new KeystoneConnection(profile, options)
  }

  get cloud(): string {
    return this.#connection.profile.name
  }

  /** What makes this connection unsafe. Users must see it. */
  get warnings(): readonly string[] {
    const { name, from, authUrl, isVerified } = this.#connection.profile
    const { protocol, hostname, host } = new URL(authUrl)
    if (protocol === 'http:' && !/^(localhost|127\..*|\[::1\])$/.test(hostname))
      return [`The connection to cloud ${name} (${host}) is not encrypted: anyone on the way can read its password.`]
    if (isVerified) return []
    return [
      `The certificate of cloud ${name} (${host}) is NOT verified (${from}): any other server can pretend to be this cloud, and gets its password.`,
    ]
  }

  async readPeople(signal?: AbortSignal): Promise<People> {
    signal?.throwIfAborted()
    const lists = new KeystoneLists(this.#connection, signal)
    const { token } = await this.#token(lists, signal)
    return new People(await readKeystonePeople(lists, token.system !== undefined))
  }

  /** Keystone lets only the trustor create a trust, so that the trustor must be logged in, for this project. */
  async createTrust(request: TrustRequest, signal?: AbortSignal): Promise<CloudTrust> {
    const { trustorId, trusteeId, projectId, roles } = request
    const lists = new KeystoneLists(this.#connection, signal)
    const { token } = await this.#token(lists, signal)
    const loggedIn = `cloud ${this.cloud}: user ${token.user.id} is logged in`
    if (token.user.id !== trustorId)
      throw new InputError(`${loggedIn}, and only user ${trustorId} can create this trust`)
    if (token.project?.id !== projectId)
      throw new InputError(`${loggedIn} for project ${token.project?.id ?? '(none)'}, not for project ${projectId}`)
    const held = token.roles.map(({ name }) => name.toLowerCase())
    const lacking = roles.find((role) => !held.includes(role.toLowerCase()))
    if (lacking !== undefined)
      throw new InputError(`user ${trustorId} does not have the role ${lacking} in project ${projectId}`)
    const delegated = roles.map((role) => ({
      id: token.roles.find(({ name }) => name.toLowerCase() === role.toLowerCase())?.id,
    }))
    const trust = {
      trustor_user_id: trustorId,
      trustee_user_id: trusteeId,
      project_id: projectId,
      impersonation: true,
      roles: delegated,
    }
    try {
      const answer = await this.#connection.post('/OS-TRUST/trusts', { trust }, signal)
      const { id } = lists.shape(trustAnswer, answer, 'the trust').trust
      return { id, trustorId, trusteeId, projectId, roles }
    } catch (error) {
      if (!(error instanceof KeystoneError) || error.status !== 404) throw error
      throw new InputError(`user ${trusteeId} does not exist: ${error.message}`, { cause: error })
    }
  }

  async #token(lists: KeystoneLists, signal: AbortSignal | undefined) {
    return lists.shape(tokenAnswer, await this.#connection.tokenFacts(signal), 'the token')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]()
  }
}
