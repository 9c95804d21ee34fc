import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { withRemedy } from '../../errors.ts'
import { authRequest } from './auth-request.ts'
import type { CloudProfile } from './cloud-profile.ts'
import { findCloud } from './clouds-files.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'clouds-files-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const file = (path: string, text: string): string => {
  const full = join(root, path)
  mkdirSync(join(full, '..'), { recursive: true })
  writeFileSync(full, text)
  return full
}

const find = (cloud?: string, environment: Record<string, string> = {}): CloudProfile =>
  findCloud({
    cloud,
    environment,
    directory: join(root, 'here'),
    home: join(root, 'home'),
    systemDirectory: join(root, 'etc'),
  })

/** The message of the error, with its remedy, and ROOT for the folder. */
function problem(cloud?: string, environment: Record<string, string> = {}): string {
  try {
    find(cloud, environment)
  } catch (error) {
    return withRemedy(error as Error).replaceAll(root, 'ROOT')
  }
  return assert.fail('an error was expected')
}

const north = (url = 'https://north.example:5000/v3') => `
clouds:
  north:
    region_name: one
    auth:
      auth_url: ${url}
      username: alice
      password: p@ss
      project_name: shop
      project_domain_name: Partners
      user_domain_id: d1
`

describe('a cloud of clouds.yaml', () => {
  it('has its address, login and scope', () => {
    file('here/clouds.yaml', north())
    const profile = find('north')
    assert.equal(profile.authUrl, 'https://north.example:5000/v3')
    assert.equal(profile.isVerified, true)
    assert.deepEqual(authRequest(profile), {
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: 'alice', domain: { id: 'd1' }, password: 'p@ss' } },
        },
        scope: { project: { name: 'shop', domain: { name: 'Partners' } } },
      },
    })
  })

  it('is found by OS_CLOUD, and --cloud wins', () => {
    file('here/clouds.yaml', `${north()}  south:\n    auth: {auth_url: 'http://south', token: t}\n`)
    assert.equal(find(undefined, { OS_CLOUD: 'south' }).name, 'south')
    assert.equal(find('north', { OS_CLOUD: 'south' }).name, 'north')
  })

  it('is from the first file of the search order', () => {
    const urls = ['etc/openstack', 'home/.config/openstack', 'here'].map((folder) => {
      file(`${folder}/clouds.yaml`, north(`https://${folder.replaceAll(/\W/g, '')}`))
      return find('north').authUrl
    })
    const named = file('named.yaml', north('https://named'))
    assert.deepEqual(
      [...urls, find('north', { OS_CLIENT_CONFIG_FILE: named }).authUrl],
      ['https://etcopenstack/v3', 'https://homeconfigopenstack/v3', 'https://here/v3', 'https://named/v3'],
    )
  })

  it('has its secrets from secure.yaml, also beside another clouds.yaml', () => {
    file('here/clouds.yaml', north().replace('      password: p@ss\n', ''))
    file('home/.config/openstack/secure.yaml', 'clouds: {north: {auth: {password: 12345}}}')
    const { login } = find('north')
    assert.deepEqual(login.kind === 'password' && login.password, '12345')
  })

  it('may be a system, a domain, an application credential, or a token', () => {
    const auth = (text: string) => {
      file('here/clouds.yaml', `clouds: {c: {${text}}}`)
      return authRequest(find('c'))
    }
    const url = "auth_url: 'https://c/identity/'"
    assert.deepEqual(auth(`auth: {${url}, user_id: u, password: p, system_scope: all}`), {
      auth: {
        identity: { methods: ['password'], password: { user: { id: 'u', password: 'p' } } },
        scope: { system: { all: true } },
      },
    })
    assert.deepEqual(auth(`auth: {${url}, token: t, domain_name: D}`), {
      auth: { identity: { methods: ['token'], token: { id: 't' } }, scope: { domain: { name: 'D' } } },
    })
    const credential = 'application_credential_id: i, application_credential_secret: s, project_name: ignored'
    assert.deepEqual(auth(`auth_type: v3applicationcredential, auth: {${url}, ${credential}}`), {
      auth: { identity: { methods: ['application_credential'], application_credential: { id: 'i', secret: 's' } } },
    })
    assert.equal(find('c').authUrl, 'https://c/identity/v3')
  })

  it('has the version of its address replaced or added', () => {
    for (const url of [
      'http://k:5000',
      'http://k:5000/',
      'http://k:5000/v3',
      'http://k:5000/v3/',
      'http://k:5000/v2.0',
    ]) {
      file('here/clouds.yaml', north(url))
      assert.equal(find('north').authUrl, 'http://k:5000/v3')
    }
  })

  it('has a file of authorities, and is not verified with verify or insecure', () => {
    file('here/clouds.yaml', `${north()}    cacert: ~/ca.pem\n`)
    assert.equal(find('north').caFile, join(root, 'home/ca.pem'))
    for (const line of ['verify: false', 'insecure: true']) {
      file('here/clouds.yaml', `${north()}    ${line}\n`)
      assert.equal(find('north').isVerified, false)
    }
  })
})

describe('a cloud of the OS_… variables', () => {
  const variables = {
    OS_AUTH_URL: 'https://k:5000',
    OS_USERNAME: 'alice',
    OS_PASSWORD: 'p',
    OS_PROJECT_NAME: 'shop',
    OS_USER_DOMAIN_NAME: 'Default',
    OS_PROJECT_DOMAIN_ID: 'default',
    OS_CACERT: '/ca.pem',
  }

  it('has its name from its host', () => {
    const profile = find(undefined, variables)
    assert.deepEqual([profile.name, profile.caFile, profile.isVerified], ['k', '/ca.pem', true])
    assert.deepEqual(authRequest(profile), {
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: 'alice', domain: { name: 'Default' }, password: 'p' } },
        },
        scope: { project: { name: 'shop', domain: { id: 'default' } } },
      },
    })
    assert.equal(find(undefined, { ...variables, OS_INSECURE: 'true' }).isVerified, false)
  })

  it('is refused without what it needs', () => {
    const { OS_PASSWORD: _, ...lacking } = variables
    assert.equal(
      problem(undefined, lacking),
      'the OS_… variables: password is missing\n  Write it to clouds.yaml or secure.yaml, or set its OS_… variable.',
    )
  })
})

describe('a cloud that cannot be found', () => {
  it('is reported with the nearest name', () => {
    file('here/clouds.yaml', north())
    assert.equal(
      problem('nort'),
      'ROOT/here/clouds.yaml: unknown cloud "nort": did you mean north?\n  Known clouds: north.',
    )
  })

  it('is reported with the places of its file', () => {
    assert.equal(
      problem('north'),
      'cloud "north" is unknown: no clouds.yaml was found\n  Write one of: ROOT/here/clouds.yaml, ROOT/home/.config/openstack/clouds.yaml, ROOT/etc/openstack/clouds.yaml',
    )
    assert.match(problem(), /^no cloud is named\n {2}Add --cloud NAME/)
    assert.match(
      problem('north', { OS_CLIENT_CONFIG_FILE: join(root, 'gone') }),
      /^cannot read the clouds in ROOT\/gone: ENOENT/,
    )
  })

  const wrong: readonly (readonly [what: string, text: string, message: string])[] = [
    [
      'a file that is not YAML, without its lines',
      'clouds:\n  north:\n    auth: {password: p@ss',
      'ROOT/here/clouds.yaml:3: not valid YAML (BAD_INDENT)',
    ],
    ['a file of something else', '- p@ss', 'ROOT/here/clouds.yaml: the document: expected object, received array'],
    [
      'a secret of a wrong type, without the secret',
      north().replace('p@ss', '[p@ss]'),
      'ROOT/here/clouds.yaml: cloud north: auth.password: must be a text',
    ],
    [
      'another way to log in',
      `${north()}    auth_type: v3oidcpassword\n`,
      'ROOT/here/clouds.yaml: cloud north: auth_type "v3oidcpassword" is not supported\n  Use password, token or v3applicationcredential.',
    ],
    [
      'a profile of a vendor',
      'clouds: {north: {profile: vexxhost, auth: {username: a, password: p@ss}}}',
      'ROOT/here/clouds.yaml: cloud north: profile "vexxhost" is not supported\n  Write the auth_url of the cloud below auth.',
    ],
    [
      'an address without http',
      north('north:5000'),
      'ROOT/here/clouds.yaml: cloud north: auth_url must be an address like https://keystone:5000/v3',
    ],
    [
      'an address with a password, which is not printed',
      north('https://a:p@ss@k'),
      'ROOT/here/clouds.yaml: cloud north: auth_url must not contain a user or password',
    ],
    [
      'no user',
      north().replace('username: alice', 'usr: alice'),
      'ROOT/here/clouds.yaml: cloud north: username or user_id is missing\n  Write it to clouds.yaml or secure.yaml, or set its OS_… variable.',
    ],
  ]
  for (const [what, text, message] of wrong)
    it(`is refused for ${what}`, () => {
      file('here/clouds.yaml', text)
      assert.equal(problem('north'), message)
      assert.doesNotMatch(problem('north'), /p@ss/)
    })
})
