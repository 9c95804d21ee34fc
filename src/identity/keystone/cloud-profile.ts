import { InputError } from '../../errors.ts'

/** How to log in to a cloud: who, with which secret, and for what. */
export interface CloudProfile {
  /** The name of the cloud, for messages. */
  readonly name: string
  /** Where the profile is from, for messages. */
  readonly from: string
  /** The address of Keystone with its version: `https://keystone:5000/v3`. */
  readonly authUrl: string
  readonly login: Login
  readonly scope?: Scope
  /** File of the authorities that may have signed the certificate of Keystone. Default: those of Node.js. */
  readonly caFile?: string
  /** A certificate of this client. */
  readonly clientCertificate?: { readonly certFile: string; readonly keyFile: string }
  /** False if anyone may pretend to be this cloud. */
  readonly isVerified: boolean
}

/** A user or project by id, or by name within a domain. */
export type Reference =
  | { readonly id: string }
  | { readonly name: string; readonly domain: { readonly id: string } | { readonly name: string } }

export type Login =
  | { readonly kind: 'password'; readonly user: Reference; readonly password: string }
  | { readonly kind: 'token'; readonly token: string }
  | {
      readonly kind: 'application-credential'
      readonly credential: { readonly id: string } | { readonly name: string; readonly user: Reference }
      readonly secret: string
    }

export type Scope =
  | { readonly kind: 'project'; readonly project: Reference }
  | { readonly kind: 'domain'; readonly domain: { readonly id: string } | { readonly name: string } }
  | { readonly kind: 'system' }

/** The values of `auth` in `clouds.yaml`, and those of `OS_…` without their prefix. */
export type AuthValues = Readonly<Partial<Record<string, string>>>

export interface ProfileSource {
  readonly name: string
  readonly from: string
  readonly auth: AuthValues
  readonly authType?: string | undefined
  readonly caFile?: string | undefined
  readonly certFile?: string | undefined
  readonly keyFile?: string | undefined
  readonly isVerified: boolean
}

/** As the OpenStack client does where no domain is named. */
const usualDomain = { id: 'default' }

/** @throws InputError that names what is missing, and never a secret */
export function cloudProfile({ name, from, auth, authType, ...others }: ProfileSource): CloudProfile {
  const { caFile, certFile, keyFile, isVerified } = others
  const scope = scopeOf(auth)
  const login = loginOf(auth, authType, from)
  if ((certFile === undefined) !== (keyFile === undefined))
    throw new InputError(`${from}: cert and key require each other`)
  return {
    name,
    from,
    authUrl: authUrlOf(auth['auth_url'], from),
    login,
    // A token of an application credential has the project of the credential.
    ...(scope && login.kind !== 'application-credential' && { scope }),
    ...(caFile !== undefined && { caFile }),
    ...(certFile !== undefined && keyFile !== undefined && { clientCertificate: { certFile, keyFile } }),
    isVerified,
  }
}

/** The secrets of a profile, which no message may contain. */
export function secretsOf({ login }: CloudProfile): readonly string[] {
  if (login.kind === 'password') return [login.password]
  return [login.kind === 'token' ? login.token : login.secret]
}

/** Describes who logs in, without the secret. */
export function loginName({ login }: CloudProfile): string {
  if (login.kind === 'token') return 'the token'
  if (login.kind === 'password') return `user ${nameOf(login.user)}`
  const { credential } = login
  return `application credential ${'id' in credential ? credential.id : credential.name}`
}

const nameOf = (one: Reference): string => {
  if ('id' in one) return one.id
  const { domain } = one
  return `${one.name} in domain ${'id' in domain ? domain.id : domain.name}`
}

function loginOf(auth: AuthValues, authType: string | undefined, from: string): Login {
  const need = (...keys: readonly [string, ...string[]]): string => {
    const value = keys.map((key) => auth[key]).find((one) => one !== undefined && one !== '')
    if (value === undefined) throw new InputError(`${from}: ${keys.join(' or ')} is missing`, { remedy: whereToWrite })
    return value
  }
  const user = () =>
    referenceTo(auth, 'user_id', ['username', 'user_name'], 'user') ?? { id: need('username', 'user_id') }
  const kind = authType ?? (auth['application_credential_secret'] ? 'v3applicationcredential' : usualType(auth))
  switch (kind) {
    case 'password':
    case 'v3password':
      return { kind: 'password', user: user(), password: need('password') }
    case 'token':
    case 'v3token':
      return { kind: 'token', token: need('token') }
    case 'v3applicationcredential': {
      const secret = need('application_credential_secret')
      const id = auth['application_credential_id']
      if (id) return { kind: 'application-credential', credential: { id }, secret }
      const name = need('application_credential_id', 'application_credential_name')
      return { kind: 'application-credential', credential: { name, user: user() }, secret }
    }
    default:
      throw new InputError(`${from}: auth_type ${JSON.stringify(kind)} is not supported`, {
        remedy: 'Use password, token or v3applicationcredential.',
      })
  }
}

const whereToWrite = 'Write it to clouds.yaml or secure.yaml, or set its OS_… variable.'

const usualType = (auth: AuthValues): string => (auth['token'] && !auth['password'] ? 'token' : 'password')

function scopeOf(auth: AuthValues): Scope | undefined {
  if (auth['system_scope']) return { kind: 'system' }
  const withTenant = { ...auth, project_id: auth['project_id'] || auth['tenant_id'] }
  const project = referenceTo(withTenant, 'project_id', ['project_name', 'tenant_name'], 'project')
  if (project) return { kind: 'project', project }
  if (auth['domain_id']) return { kind: 'domain', domain: { id: auth['domain_id'] } }
  return auth['domain_name'] ? { kind: 'domain', domain: { name: auth['domain_name'] } } : undefined
}

function referenceTo(
  auth: AuthValues,
  idKey: string,
  nameKeys: readonly string[],
  kind: 'user' | 'project',
): Reference | undefined {
  const id = auth[idKey]
  if (id) return { id }
  const name = nameKeys.map((key) => auth[key]).find((one) => one !== undefined && one !== '')
  return name === undefined ? undefined : { name, domain: domainOf(auth, kind) }
}

function domainOf(auth: AuthValues, kind: 'user' | 'project'): { readonly id: string } | { readonly name: string } {
  const id = auth[`${kind}_domain_id`] || auth['default_domain_id'] || undefined
  const name = auth[`${kind}_domain_name`] || auth['default_domain_name'] || undefined
  // The values of one kind win over those of both.
  if (auth[`${kind}_domain_name`] && !auth[`${kind}_domain_id`] && name) return { name }
  if (id) return { id }
  return name ? { name } : { id: auth['default_domain'] || usualDomain.id }
}

/** Other versions are not served any more, and the version may be left out. */
function authUrlOf(text: string | undefined, from: string): string {
  if (!text) throw new InputError(`${from}: auth_url is missing`, { remedy: whereToWrite })
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new InputError(`${from}: auth_url must be an address like https://keystone:5000/v3`)
  if (url.username !== '' || url.password !== '')
    throw new InputError(`${from}: auth_url must not contain a user or password`)
  const path = url.pathname.replace(/\/+$/, '').replace(/\/v(2\.0|3)$/, '')
  return `${url.origin}${path}/v3`
}
