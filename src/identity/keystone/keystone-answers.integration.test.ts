import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { DrillError, withRemedy } from '../../errors.ts'
import { type Answer, AnsweringServer, cloudAnswer, json, refuse } from './answering-server.fixture.ts'
import { authority, oldCertificate, otherCertificate, ownCertificate, serverKey } from './certificates.fixture.ts'
import { type CloudProfile, cloudProfile } from './cloud-profile.ts'
import type { ConnectionOptions } from './keystone-connection.ts'
import { KeystoneIdentity } from './keystone-identity.ts'

const folder = mkdtempSync(join(tmpdir(), 'keystone-answers-'))
after(() => rmSync(folder, { recursive: true }))
const caFile = join(folder, 'ca.pem')
writeFileSync(caFile, authority)

const secret = 'do-not-print-me'

const profile = (url: string, others: Partial<CloudProfile> = {}): CloudProfile => ({
  ...cloudProfile({
    name: 'north',
    from: 'clouds.yaml: cloud north',
    auth: { auth_url: url, username: 'eve', password: secret, project_name: 'admin' },
    isVerified: true,
  }),
  ...others,
})

const quick: ConnectionOptions = { answerWithinMs: 2000, retryAfterMs: [1, 1] }

interface Attempt {
  readonly answer?: Answer
  readonly tls?: string
  readonly others?: Partial<CloudProfile>
  readonly options?: ConnectionOptions
}

/** Reads the people of a server, and returns them or the error, and how many requests it took. */
async function attempt({ answer = cloudAnswer(), tls, others, options = quick }: Attempt) {
  await using server = await AnsweringServer.start(
    answer,
    tls === undefined ? undefined : { key: serverKey, cert: tls },
  )
  await using identity = new KeystoneIdentity(profile(server.url, others), options)
  const people = await identity.readPeople().catch((thrown: unknown) => thrown as DrillError)
  return { people, got: server.got, url: server.url, warnings: identity.warnings }
}

/** Returns the message and remedy of the error, with HOST for the address. */
async function failure(what: Attempt): Promise<{ text: string; blame: string; requests: number }> {
  const { people, got, url } = await attempt(what)
  assert.ok(people instanceof DrillError, 'an error was expected')
  const text = withRemedy(people).replaceAll(url, 'URL').replaceAll(new URL(url).host, 'HOST')
  assert.ok(!text.includes(secret), text)
  return { text, blame: people.blame, requests: got.length }
}

describe('Keystone that does not answer as expected', { concurrency: true }, () => {
  it('refuses the login', async () => {
    const answer = cloudAnswer({ '/v3/auth/tokens': refuse(401, `The password ${secret} is wrong.`) })
    assert.deepEqual(await failure({ answer }), {
      text: 'cloud north refuses the login of user eve in domain default: POST URL/v3/auth/tokens answered 401: The password … is wrong.\n  Check name, domain, project and secret: they are from clouds.yaml: cloud north.',
      blame: 'input',
      requests: 1,
    })
  })

  it('is at another address', async () => {
    const { text, blame } = await failure({ answer: refuse(404, 'nothing here') })
    assert.match(
      text,
      /^cloud north has no Keystone at its auth_url: .*\n {2}Correct auth_url: it is from clouds\.yaml/,
    )
    assert.equal(blame, 'input')
  })

  it('refuses one list', async () => {
    const answer = cloudAnswer({ '/v3/users': refuse(403, 'You are not authorized.') })
    const { text, blame } = await failure({ answer })
    assert.match(
      text,
      /^cloud north does not let user eve in domain default read \/users: GET URL\/v3\/users\?domain_id=default answered 403: You are not authorized\.\n {2}Use a user who has the role admin or reader for the whole system/,
    )
    assert.equal(blame, 'machine')
  })

  it('fails, and is asked three times', async () => {
    const answer = cloudAnswer({ '/v3/projects': refuse(500, 'An unexpected error') })
    const { text, requests } = await failure({ answer })
    assert.match(
      text,
      /^GET URL\/v3\/projects answered 500: An unexpected error \(3 times\)\n {2}See Keystone's own log\.$/,
    )
    assert.equal(requests, 5)
  })

  it('fails once, and is asked again', async () => {
    let times = 0
    const projects = { projects: [{ id: 'p', name: 'shop', domain_id: 'default' }] }
    const answer = cloudAnswer({
      '/v3/projects': (got, response) =>
        times++ === 0 ? refuse(503, 'busy')(got, response) : json(response, projects),
    })
    const { people } = await attempt({ answer })
    assert.ok(!(people instanceof Error))
    assert.equal(people.project('p')?.name, 'shop')
  })

  it('is not there', async () => {
    const server = await AnsweringServer.start(cloudAnswer())
    await server[Symbol.asyncDispose]()
    await using identity = new KeystoneIdentity(profile(server.url), quick)
    await assert.rejects(identity.readPeople(), {
      code: 'keystone-unreachable',
      message: /^POST http:\/\/127\.0\.0\.1:\d+\/v3\/auth\/tokens: .*ECONNREFUSED.* \(3 times\)$/,
    })
  })

  it('closes connections without an answer, and is asked again', async () => {
    let times = 0
    const answer = cloudAnswer({
      '/v3/roles': (_, response) => {
        if (times++ < 2) response.destroy()
        else json(response, { roles: [{ id: 'r', name: 'member' }] })
      },
    })
    const { people } = await attempt({ answer })
    assert.ok(!(people instanceof Error), String(people))
    assert.equal(people.data.roles.length, 1)
  })

  const slow: Readonly<Record<string, readonly [problem: string, answer: Answer]>> = {
    'does not answer': ['no answer for 0.2 s', () => {}],
    'stops in the middle of an answer': ['no answer for 0.2 s', (_, response) => void response.write('{"projects": [')],
    'sends byte after byte': [
      'no complete answer within 2 s',
      (_, response) => {
        const timer = setInterval(() => response.write(' '), 20)
        response.once('close', () => clearInterval(timer))
      },
    ],
  }
  for (const [what, [problem, projects]] of Object.entries(slow))
    it(`${what}, and is not asked again`, async () => {
      const options = { ...quick, answerWithinMs: 200 }
      const { text, requests } = await failure({ answer: cloudAnswer({ '/v3/projects': projects }), options })
      assert.match(text, /^GET URL\/v3\/projects: .*\n {2}Check that Keystone is not overloaded/)
      assert.ok(text.includes(problem), text)
      assert.equal(requests, 3)
    })

  it('answers with a page', async () => {
    const answer: Answer = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
      response.end('<html>\n<title>Horizon</title>')
    }
    const { text } = await failure({ answer })
    assert.match(
      text,
      /^POST URL\/v3\/auth\/tokens answered with text\/html, not JSON: "<html> <title>Horizon<\/title>"\n/,
    )
  })

  it('answers with JSON of another form', async () => {
    const { text } = await failure({ answer: cloudAnswer({ '/v3/roles': { roles: [{ id: 1 }, {}] } }) })
    assert.match(text, /^cloud north: GET \/roles: roles: 0\.id: expected string, received number and 3 more problems$/)
  })

  it('answers without the list', async () => {
    const { text } = await failure({ answer: cloudAnswer({ '/v3/roles': { rolls: [] } }) })
    assert.match(text, /^cloud north: GET \/roles: roles: the document: expected array/)
  })

  it('redirects, and the token is not sent there', async () => {
    const answer = cloudAnswer({
      '/v3/domains': (_, response) => json(response, {}, 302, { location: 'http://127.0.0.1:1/v3/domains' }),
    })
    const { text } = await failure({ answer })
    assert.match(text, /answered 302: \{\}: it leads to http:\/\/127\.0\.0\.1:1\/v3\/domains\n {2}Write the address/)
  })

  it('answers more than fits', async () => {
    const users = { users: Array.from({ length: 5000 }, (_, id) => ({ id: `${id}`, name: 'x', domain_id: 'default' })) }
    const { text } = await failure({
      answer: cloudAnswer({ '/v3/users': users }),
      options: { ...quick, maxAnswerBytes: 100_000 },
    })
    assert.match(text, /^GET URL\/v3\/users\?domain_id=default: the answer is too long to read/)
  })

  it('has cut a list', async () => {
    const { text } = await failure({ answer: cloudAnswer({ '/v3/users': { users: [], truncated: true } }) })
    assert.equal(text, 'the list /users is incomplete: Keystone has cut the list\n  Raise list_limit in keystone.conf.')
  })

  it('has an expired token, and gets a new login', async () => {
    let times = 0
    const answer = cloudAnswer({
      '/v3/roles': (got, response) =>
        times++ === 0 ? refuse(401, 'expired')(got, response) : json(response, { roles: [] }),
    })
    const { people, got } = await attempt({ answer })
    assert.ok(!(people instanceof Error), String(people))
    assert.equal(got.filter(({ path }) => path === '/v3/auth/tokens').length, 2)
  })
})

describe('long lists of Keystone', { concurrency: true }, () => {
  const page = (nth: number, next: string | null) => ({
    projects: [{ id: `p${nth}`, name: `shop-${nth}`, domain_id: 'default' }],
    links: { next },
  })

  it('are read page by page, at the address of the cloud only', async () => {
    const answer = cloudAnswer({
      '/v3/projects': page(1, 'http://10.0.0.1:35357/v3/projects?limit=1&marker=p1'),
      '/v3/projects?limit=1&marker=p1': page(2, '/v3/projects?limit=1&marker=p2'),
      '/v3/projects?limit=1&marker=p2': page(3, null),
    })
    const { people } = await attempt({ answer })
    assert.ok(!(people instanceof Error), String(people))
    assert.deepEqual(
      people.data.projects.map(({ id }) => id),
      ['p1', 'p2', 'p3'],
    )
  })

  it('are refused if the pages lead to each other', async () => {
    const answer = cloudAnswer({ '/v3/projects': page(1, '/v3/projects?marker=p1') })
    const { text } = await failure({ answer })
    assert.equal(text, 'the list /projects is incomplete: its pages lead to each other')
  })

  it('have a hundred thousand rows', async () => {
    const rows = Array.from({ length: 100_000 }, (_, id) => ({
      role: { id: 'r' },
      user: { id: `u${id}` },
      scope: { project: { id: 'p' } },
      links: { assignment: `https://keystone/v3/projects/p/users/u${id}/roles/r` },
    }))
    const answer = cloudAnswer({
      '/v3/role_assignments': { role_assignments: rows },
      '/v3/roles': { roles: [{ id: 'r', name: 'member' }] },
    })
    const { people } = await attempt({ answer, options: { ...quick, answerWithinMs: 20_000 } })
    assert.ok(!(people instanceof Error), String(people))
    assert.ok(people.hasRole('u99999', 'p', 'Member'))
  })
})

describe('the certificate of Keystone', { concurrency: true }, () => {
  it('is accepted if the authority of cacert has signed it for this host', async () => {
    const { people, warnings } = await attempt({ tls: ownCertificate, others: { caFile } })
    assert.ok(!(people instanceof Error), String(people))
    assert.deepEqual(warnings, [])
  })

  const wrong: readonly (readonly [what: string, tls: string, others: Partial<CloudProfile>, message: RegExp])[] = [
    [
      'an unknown authority has signed it',
      ownCertificate,
      {},
      /^the certificate of HOST is signed by an unknown authority \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\), by the authorities of this machine: cloud north was not contacted\n {2}Check auth_url, and write/,
    ],
    [
      'it is that of another cloud',
      otherCertificate,
      { caFile },
      /^the certificate of HOST belongs to another host, perhaps of another cloud \(ERR_TLS_CERT_ALTNAME_INVALID\), by .*ca\.pem/,
    ],
    ['it has expired', oldCertificate, { caFile }, /^the certificate of HOST has expired/],
  ]
  for (const [what, tls, others, message] of wrong)
    it(`is refused if ${what}, and nothing is sent`, async () => {
      const { text, blame, requests } = await failure({ tls, others })
      assert.match(text, message)
      assert.deepEqual([blame, requests], ['machine', 0])
    })

  it('is accepted whatever it is with verify: false, with a warning', async () => {
    const { people, warnings } = await attempt({ tls: otherCertificate, others: { isVerified: false } })
    assert.ok(!(people instanceof Error), String(people))
    assert.match(warnings[0] ?? '', /^The certificate of cloud north \(127\.0\.0\.1:\d+\) is NOT verified/)
  })

  it('is missing where https is expected', async () => {
    await using server = await AnsweringServer.start(cloudAnswer())
    await using identity = new KeystoneIdentity(profile(server.url.replace('http:', 'https:')), quick)
    await assert.rejects(identity.readPeople(), { code: 'keystone-certificate', message: /no TLS with 127\.0\.0\.1/ })
  })

  it('has a warning if there is no TLS beyond this machine', async () => {
    await using identity = new KeystoneIdentity(profile('http://keystone.example:5000'), quick)
    assert.match(identity.warnings[0] ?? '', /is not encrypted/)
  })
})
