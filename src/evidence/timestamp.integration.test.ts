import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, describe, it, mock } from 'node:test'
import { readAuthorities } from './authority-file.ts'
import { OpensslTsa } from './openssl-tsa.fixture.ts'
import { checkTimestamp } from './timestamp.ts'

const tsa = new OpensslTsa()
after(() => tsa[Symbol.dispose]())
tsa.certify({ name: 'root', extensions: 'root' })
tsa.certify({ name: 'other-root', extensions: 'root' })
tsa.certify({ name: 'middle', by: 'root', extensions: 'root' })
tsa.certify({ name: 'leaf', by: 'root', extensions: 'no_authority' })
tsa.certify({ name: 'good', by: 'root', extensions: 'authority' })
tsa.certify({ name: 'rsa', by: 'root', extensions: 'authority', algorithm: 'RSA' })
tsa.certify({ name: 'below', by: 'middle', extensions: 'authority' })
tsa.certify({ name: 'usurper', by: 'leaf', extensions: 'authority' })
tsa.certify({ name: 'website', by: 'root', extensions: 'website' })
tsa.certify({ name: 'expired', by: 'root', extensions: 'authority', days: -1 })

const data = Buffer.from('a signature')
writeFileSync(tsa.path('data'), data)
tsa.openssl('ts', '-query', '-data', 'data', '-sha256', '-cert', '-no_nonce', '-out', 'data.tsq')
const query = readFileSync(tsa.path('data.tsq'))
const root = readAuthorities(tsa.path('root.pem'))
const good = tsa.reply(query, 'good')

/** The problem of a timestamp, or whether it is trusted. */
async function check(response: Uint8Array, trusted = root, stamped: Uint8Array = data): Promise<string> {
  const found = await checkTimestamp(response, stamped, trusted)
  return 'problem' in found ? found.problem : `${found.isTrusted ? 'trusted' : 'not trusted'}: ${found.authority}`
}

describe('a timestamp by openssl ts', () => {
  it('is trusted with the certificate of its authority, for ECDSA and RSA, also through another certificate', async () => {
    assert.equal(await check(good), 'trusted: O=Example, CN=good')
    assert.equal(await check(tsa.reply(query, 'rsa')), 'trusted: O=Example, CN=rsa')
    assert.equal(await check(tsa.reply(query, 'below', '-chain', 'middle.pem')), 'trusted: O=Example, CN=below')
  })

  it('has the time at which it was made', async () => {
    const found = await checkTimestamp(good, data, root)
    assert.ok(!('problem' in found) && Math.abs(Date.parse(found.at) - Date.now()) < 60_000)
  })

  it('is not trusted without a certificate, with that of another authority, and without its path to one', async () => {
    for (const trusted of [[], readAuthorities(tsa.path('other-root.pem'))])
      assert.equal(await check(good, trusted), 'not trusted: O=Example, CN=good')
    assert.equal(await check(tsa.reply(query, 'below')), 'not trusted: O=Example, CN=below')
  })

  it('is not trusted if a certificate that is no authority issued that of its own', async () => {
    const response = tsa.reply(query, 'usurper', '-chain', 'leaf.pem')
    assert.equal(await check(response), 'not trusted: O=Example, CN=usurper')
  })

  it('counts as of its own time, and outlives its certificates', async () => {
    assert.ok(new X509Certificate(readFileSync(tsa.path('good.pem'))).validToDate < new Date('2100-01-01'))
    mock.timers.enable({ apis: ['Date'], now: new Date('2100-01-01') })
    try {
      assert.equal(await check(good), 'trusted: O=Example, CN=good')
    } finally {
      mock.timers.reset()
    }
  })

  it('is refused if its certificate was not valid at its time', async () => {
    assert.match(await check(tsa.reply(query, 'expired')), /^the certificate of .*CN=expired was not valid at its time/)
  })

  it('is refused if its certificate is one for other purposes', async () => {
    assert.equal(await check(tsa.resigned(good, 'good')), 'trusted: O=Example, CN=good')
    const problem = 'the certificate of O=Example, CN=website is not one for timestamps alone'
    assert.equal(await check(tsa.resigned(good, 'website')), problem)
  })

  it('is refused for other bytes, and for another digest than SHA-256', async () => {
    assert.equal(await check(good, root, Buffer.from('b')), 'it is about other bytes')
    tsa.openssl('ts', '-query', '-data', 'data', '-sha512', '-cert', '-out', 'long.tsq')
    const long = tsa.reply(readFileSync(tsa.path('long.tsq')), 'good')
    assert.equal(await check(long), 'it is not about a SHA-256')
  })

  it('is refused with one byte changed in what its authority signed', async () => {
    // The digest and the time are in the middle of the response.
    for (const text of [
      createHash('sha256').update(data).digest(),
      Buffer.from(new Date().toISOString().slice(0, 4)),
    ]) {
      const at = good.indexOf(text)
      assert.ok(at > 0)
      const changed = Buffer.from(good)
      changed[at] = (changed[at] ?? 0) ^ 1
      assert.doesNotMatch(await check(changed), /trusted/)
    }
  })

  it('is refused with another signature', async () => {
    assert.equal(
      await check(good.map((byte, at) => (at === good.length - 1 ? byte ^ 1 : byte))),
      'its signature is not one of the authority that it names',
    )
  })

  it('is refused if it is something else, or was cut', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('<html>'), good.subarray(0, good.length - 40)])
      assert.match(await check(bytes), /^it is not a valid response of a timestamp authority/)
  })
})

describe('each byte of a timestamp', () => {
  it('gives the same time and authority, or an error, whatever is changed', async () => {
    const expected = await checkTimestamp(good, data, root)
    for (let at = 0; at < good.length; at += 7) {
      const changed = Buffer.from(good)
      changed[at] = (changed[at] ?? 0) ^ 1
      const found = await checkTimestamp(changed, data, root)
      if ('problem' in found || !found.isTrusted) continue
      assert.deepEqual(found, expected, `byte ${at}`)
    }
  })
})
