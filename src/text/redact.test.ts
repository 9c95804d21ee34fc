import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { environmentSecrets, Redactor, redactionText } from './redact.ts'

const body = Array.from({ length: 6 }, (_, nth) => `MIIEvQIBADANBgkqhkiG9w0BAQEFAASC${nth}`).join('\n')
const key = `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----`
const fernet = `gAAAAABm${'x1Y_-'.repeat(12)}==`

/** What is recorded, and the secret in it. */
const secrets: readonly (readonly [what: string, recorded: unknown, secret: string])[] = [
  ['a private key', `before\n${key}\nafter`, 'MIIEvQ'],
  ['a private key in JSON', JSON.stringify({ stdout: key }), 'MIIEvQ'],
  ['a private key that is cut before its end', key.slice(0, -50), 'MIIEvQ'],
  ['a private key that is cut after its beginning', `[9 bytes left out]\n${key.slice(60)}`, 'EFAASC'],
  ['a password in a URL', 'git clone https://ci:pl@nted-1@host/x.git', 'pl@nted-1'],
  ['a password in a database URL', 'connection = mysql+pymysql://nova:planted@10.0.0.1/nova', 'planted'],
  ['OS_PASSWORD', 'export OS_USERNAME=admin\nexport OS_PASSWORD=planted', 'planted'],
  ['a quoted value with spaces', `OS_PASSWORD='planted with spaces'; openstack`, 'planted with spaces'],
  ['an application credential secret', 'OS_APPLICATION_CREDENTIAL_SECRET="planted"', 'planted'],
  ['a secret in JSON', '{"application_credential": {"id": "i", "secret": "planted"}}', 'planted'],
  ['a secret in JSON in JSON', JSON.stringify('{"password": "planted"}'), 'planted'],
  ['a password in YAML', 'auth:\n  password: planted\n  username: u', 'planted'],
  ['an option', 'openstack --os-password planted server list', 'planted'],
  ['an option with a sign', 'openstack --os-token=planted server list', 'planted'],
  ['a list of arguments', ['openstack', '--os-password', 'planted', 'server'], 'planted'],
  ['a field of an object', { auth: { user: 'u', adminPassword: 'planted' } }, 'planted'],
  ['an Authorization header', '> GET /v3\n> Authorization: Basic cGxhbnRlZDp4\n> Accept: */*', 'cGxhbnRlZDp4'],
  ['a bearer token', "curl -H 'Authorization: Bearer planted.token' https://h", 'planted.token'],
  ['a token of Keystone', `X-Subject-Token: ${fernet}`, fernet],
  ['a token of Keystone alone', `+ echo ${fernet}`, fernet],
  ['a token of GitHub', `remote: ghp_${'a1'.repeat(18)}`, 'a1a1a1'],
  ['a JSON web token', `t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0.${'s'.repeat(20)}`, 'eyJzdWIi'],
  ['the password of sshpass', 'sshpass -p planted ssh node', 'planted'],
  ['the password of curl', 'curl -s -u admin:planted https://h/', 'planted'],
  ['a secret of QEMU', 'qemu-img info --object secret,id=s0,data=planted --image-opts x', 'planted'],
  ['a password in XML', '<user><password>planted</password></user>', 'planted'],
]

describe('redaction', () => {
  for (const [what, recorded, secret] of secrets)
    it(`replaces ${what}`, () => {
      const { value, counts } = new Redactor().redact(recorded)
      assert.ok(JSON.stringify(recorded).includes(secret), 'the secret is planted')
      assert.ok(!JSON.stringify(value).includes(secret), JSON.stringify(value))
      assert.equal(
        Object.values(counts ?? {}).reduce((sum, count) => sum + count, 0),
        1,
        JSON.stringify(value),
      )
      assert.deepEqual(new Redactor().redact(value), { value }, 'what is redacted stays as it is')
    })

  it('keeps what stands around a secret', () => {
    const redact = (text: string) => new Redactor().redact(text).value
    assert.equal(redact(`a\n${key}\nb`), 'a\n[redacted-private-key-1]\nb')
    assert.equal(redact('x://u:p@h/y'), 'x://u:[redacted-password-in-a-URL-1]@h/y')
    assert.equal(redact('OS_PASSWORD="p q" next'), 'OS_PASSWORD="[redacted-password-1]" next')
    assert.equal(redact('OS_TOKEN=t; next'), 'OS_TOKEN=[redacted-token-1]; next')
  })

  it('leaves everything else as it is, and the same object', () => {
    const texts = [
      ...[
        'mount -t nfs 10.10.2.20:/upstream /var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=',
        'OS_PASSWORD=$PASSWORD',
      ],
      ...[
        '--smtp-password-file /run/notices/password',
        'secret: 0b0c8ad8-1f5a-4b5c-9a7e-0123456789ab',
        'the secret of a disk',
      ],
      ...['http://host/path@x', 'password: null', '-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----'],
    ]
    for (const text of texts) assert.deepEqual(new Redactor().redact(text), { value: text })
    const entry = { kind: 'note', text: 'x', facts: [1, null, { secret: '' }] }
    assert.equal(new Redactor().redact(entry).value, entry)
  })

  it('gives equal secrets one number, and others another', () => {
    const redactor = new Redactor()
    const { value, counts } = redactor.redact(['password=a', 'password=b', 'password=a'])
    assert.deepEqual(
      value,
      [1, 2, 1].map((number) => `password=[redacted-password-${number}]`),
    )
    assert.equal(redactionText(counts ?? {}), '3 × password')
  })

  it('finds a secret again where it stands alone, and one of the environment', () => {
    const environment = { OS_PASSWORD: 'of the cloud', HOME: '/home/user', SHORT_TOKEN: 'abc', MY_SECRET: 'password' }
    const redactor = new Redactor(environmentSecrets(environment))
    redactor.redact('OS_TOKEN=planted-0123456789')
    const { value } = redactor.redact('+ echo planted-0123456789 of the cloud abc')
    assert.equal(value, '+ echo [redacted-token-1] [redacted-secret-of-the-environment-2] abc')
  })

  it('replaces tokens in the headers of a receiver of OpenTelemetry, encoded and decoded', () => {
    const headers = 'authorization=Bearer%20planted-0123,accept=application/json, x-key=planted-4567'
    const environment = { OTEL_EXPORTER_OTLP_HEADERS: headers, OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'k=planted-89%2B' }
    const redactor = new Redactor(environmentSecrets(environment))
    const text = 'sent planted-0123 as application/json, planted-4567, planted-89+ and planted-89%2B'
    const { value } = redactor.redact(text)
    assert.doesNotMatch(value, /planted/)
    assert.match(value, /as application\/json/)
  })

  it('takes time in proportion to a text on one line', () => {
    const redactor = new Redactor()
    const startedMs = performance.now()
    for (const piece of [
      'a-',
      'password',
      'a://',
      'A1',
      'curl -u ',
      '-----END PRIVATE KEY-----A',
      'secret,',
      'token=x ',
    ])
      redactor.redact(piece.repeat(500_000 / piece.length))
    assert.ok(performance.now() - startedMs < 20_000)
  })
})
