import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { bundleFromJSON } from '@sigstore/bundle'
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify'
import { readAuthorities } from '../evidence/authority-file.ts'
import { OpensslTsa } from '../evidence/openssl-tsa.fixture.ts'
import { entriesOfRun, packOf } from '../evidence/pack.fixture.ts'
import { packFiles, unpackFiles } from '../evidence/pack-archive.ts'
import { readPublicKey, readSigningKey } from '../evidence/signing-key.ts'
import { requestTimestamp } from '../evidence/timestamp-authority.ts'
import { verifyPack } from '../evidence/verify-pack.ts'
import { stampOf } from './timestamp-option.ts'

const main = join(import.meta.dirname, 'main.ts')
const tsa = new OpensslTsa()
after(() => tsa[Symbol.dispose]())
tsa.certify({ name: 'root', extensions: 'root' })
tsa.certify({ name: 'other-root', extensions: 'root' })
tsa.certify({ name: 'authority', by: 'root', extensions: 'authority' })
for (const name of ['operator', 'approver']) {
  tsa.openssl('genpkey', '-algorithm', 'ed25519', '-out', `${name}.key`)
  tsa.openssl('pkey', '-in', `${name}.key`, '-pubout', '-out', `${name}.pem`)
}
mkdirSync(tsa.path('reports/r1'), { recursive: true })
const lines = entriesOfRun().map((entry) => `${JSON.stringify(entry)}\n`)
writeFileSync(tsa.path('reports/r1/journal.ndjson'), lines.join(''))

/** A timestamp authority whose path names what it does wrong. */
let firstReply: Buffer | undefined
const answer: RequestListener = async (request, response) => {
  const query = Buffer.concat(await Array.fromAsync(request))
  if (request.url === '/broken') return void response.writeHead(500).end()
  if (request.url === '/website') return void response.end('<html>')
  if (request.url === '/flooding') return void response.end(Buffer.alloc(2 ** 20))
  if (request.url === '/refusing') return void response.end(tsa.reply(Buffer.from('no query'), 'authority'))
  const reply = request.url === '/stale' ? (firstReply ?? assert.fail()) : tsa.reply(query, 'authority')
  firstReply ??= reply
  response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(reply)
}
const server = createServer(answer)
let url = ''
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
after(() => server.close())

const trusted = [{ name: 'operator', key: readPublicKey(tsa.path('operator.pem')) }]

/** The server is in this process, which must not wait for the command. */
function drill(...args: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, ...args], { cwd: tsa.folder }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, text: stdout + stderr }),
    )
  })
}
const create = (file: string, ...more: readonly string[]) =>
  drill('evidence', 'create', 'r1', '-o', file, '--key', 'operator.key', ...more)
const verify = (file: string, ...more: readonly string[]) =>
  drill('evidence', 'verify', file, '--trust', 'operator=operator.pem', ...more)

describe('evidence with timestamps', () => {
  it('is verified with the certificate of the authority, and shows the time', async () => {
    const created = await create('first.tar', '--timestamp', url)
    assert.equal(created.code, 0, created.text)
    const trusted = await verify('first.tar', '--tsa', 'root.pem')
    assert.equal(trusted.code, 0, trusted.text)
    assert.match(trusted.text, /\n {2}Timestamp of operator: 20\d\d-\S+Z, by O=Example, CN=authority\n/)
    const unknown = await verify('first.tar')
    assert.deepEqual([unknown.code, /by an authority that is not trusted, O=Ex/.test(unknown.text)], [0, true])
  })

  it('is refused with the certificate of another authority, and without a timestamp', async () => {
    const other = await verify('first.tar', '--tsa', 'other-root.pem')
    assert.equal(other.code, 1)
    assert.match(other.text, /✘ bad timestamp: signatures\/\w+\.drill\.tsr: its authority is not a trusted one: O=Ex/)
    const authorities = readAuthorities(tsa.path('root.pem'))
    const without = await packOf(undefined, [readSigningKey(tsa.path('operator.key'))])
    const { verdict, problems } = await verifyPack(without, 'pack', trusted, { authorities })
    assert.deepEqual([verdict, problems.map(({ kind }) => kind)], ['invalid', ['not timestamped', 'not timestamped']])
    const unsigned = await verifyPack(await packOf(undefined, []), 'pack', trusted, { authorities })
    assert.equal(unsigned.problems[0]?.sentence, 'it has no signature that a timestamp could be about')
  })

  it('is refused if a timestamp was removed, altered, or is one of another signature', async () => {
    const { folder, files, time } = await unpackFiles(readFileSync(tsa.path('first.tar')), 'first.tar')
    const [drillStamp, testStamp] = files.filter(({ path }) => path.endsWith('.tsr'))
    assert.ok(drillStamp && testStamp)
    const changes = {
      removed: [files.filter((one) => one !== drillStamp), /altered: signatures\/\w+\.drill\.sigstore\.json/],
      altered: [
        files.map((one) => (one === drillStamp ? { ...one, content: one.content.with(-1, 1) } : one)),
        /bad timestamp: signatures\/\w+\.drill\.tsr: its signature is not one of the authority/,
      ],
      exchanged: [
        files.map((one) => (one === drillStamp ? { ...one, content: testStamp.content } : one)),
        /bad timestamp: signatures\/\w+\.drill\.tsr: it is about other bytes/,
      ],
    } as const
    for (const [name, [changed, problem]] of Object.entries(changes)) {
      const { verdict, problems } = await verifyPack(await packFiles(folder, changed, time), name, trusted)
      const text = problems.map(({ kind, path, sentence }) => `${kind}: ${path}: ${sentence}`).join('\n')
      assert.deepEqual([verdict, problem.test(text)], ['invalid', true], text)
    }
  })

  it('keeps its timestamps when another person signs it', async () => {
    writeFileSync(tsa.path('both.tar'), readFileSync(tsa.path('first.tar')))
    assert.equal((await drill('evidence', 'sign', 'both.tar', '--key', 'approver.key', '--timestamp', url)).code, 0)
    const { code, text } = await verify('both.tar', '--trust', 'approver=approver.pem', '--tsa', 'root.pem')
    assert.deepEqual([code, text.match(/Timestamp of (operator|approver)/g)?.length], [0, 2], text)
  })

  it('can be checked with openssl alone, as its README explains', () => {
    const place = tsa.path('unpacked')
    mkdirSync(place)
    execFileSync('tar', ['-xf', tsa.path('first.tar'), '-C', place, '--strip-components', '1'])
    writeFileSync(join(place, 'tsa.pem'), readFileSync(tsa.path('root.pem')))
    const readme = readFileSync(join(place, 'README.md'), 'utf8')
    const key = execFileSync('sh', ['-c', 'basename signatures/*.drill.tsr .drill.tsr'], {
      cwd: place,
      encoding: 'utf8',
    })
    const lines = [...readme.matchAll(/^ +\$ (openssl ts .*)$/gm)].map(([, line = '']) =>
      line.replaceAll('KEY', key.trim()),
    )
    const shell = (line: string) => execFileSync('sh', ['-c', `${line} 2>&1`], { cwd: place, encoding: 'utf8' })
    const [check = '', show = ''] = lines
    assert.match(shell(check), /Verification: OK/)
    assert.match(shell(`${check} -attime ${Math.round(Date.now() / 1000)}`), /Verification: OK/)
    assert.match(shell(show), /Time stamp: .* GMT/)
    assert.throws(() => shell(check.replace('.drill.sig', '.test-result.sig')))
  })

  it('has bundles whose timestamps Sigstore accepts', async () => {
    const { files } = await unpackFiles(readFileSync(tsa.path('first.tar')), 'first.tar')
    const publicKey = readPublicKey(tsa.path('operator.pem'))
    const accept = (...names: readonly string[]) => {
      const certificates = names.map((name) => ({ rawBytes: readAuthorities(tsa.path(`${name}.pem`))[0] }))
      const validFor = { start: new Date(0), end: new Date('2100-01-01') }
      const none = { mediaType: '', tlogs: [], certificateAuthorities: [], ctlogs: [] }
      const root = { ...none, timestampAuthorities: [{ certChain: { certificates }, validFor }] } as never
      const material = toTrustMaterial(root, () => ({ publicKey, validFor: () => true }))
      const verifier = new Verifier(material, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 1 })
      for (const { content } of files.filter(({ path }) => path.endsWith('.sigstore.json')))
        verifier.verify(toSignedEntity(bundleFromJSON(JSON.parse(Buffer.from(content).toString()))))
    }
    accept('authority', 'root')
    assert.throws(() => accept('authority', 'other-root'), /timestamp/)
  })

  it('takes the authority from the configuration, unless an option names another or none', async () => {
    writeFileSync(tsa.path('tsa.yaml'), `timestampAuthority: ${url}\n`)
    assert.equal((await create('configured.tar', '--config', 'tsa.yaml')).code, 0)
    const { signers } = await verifyPack(readFileSync(tsa.path('configured.tar')), 'configured.tar', trusted)
    assert.equal(signers[0]?.timestamp?.authority, 'O=Example, CN=authority')
    assert.equal(stampOf({ timestamp: false }, url, true), undefined)
    assert.equal(stampOf({}, url, false), undefined)
  })
})

describe('a timestamp authority', () => {
  const ask = (path: string, runEnd = new Date()) =>
    requestTimestamp(new URL(path, url), Buffer.from('a signature'), runEnd)
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['broken', /^MachineError: no timestamp from http:\S+\/broken: it answered with HTTP 500$/],
    ['website', /^MachineError: no timestamp from http:\S+\/website: it is not a valid response/],
    ['refusing', /^MachineError: no timestamp from http:\S+\/refusing: the authority refused to make it/],
    [
      'flooding',
      /^MachineError: no timestamp from http:\S+\/flooding: it gave no response: its response has more than/,
    ],
  ]
  for (const [path, problem] of wrong)
    it(`is reported by its address if it is ${path}`, async () => {
      await assert.rejects(ask(path), problem)
    })

  it('is reported if it answers with an older timestamp of the same bytes', async () => {
    firstReply = undefined
    assert.ok((await ask('good')).length > 0)
    await assert.rejects(ask('stale'), /stale: it answers another request$/)
  })

  it('is reported if nothing answers', async () => {
    const gone = createServer()
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve))
    const { port } = gone.address() as AddressInfo
    await new Promise((resolve) => gone.close(resolve))
    await assert.rejects(
      ask(`http://127.0.0.1:${port}`),
      /^MachineError: no timestamp from http:\/\/127\S+: it gave no response: .*ECONNREFUSED/,
    )
  })

  it('is reported if its time is before the end of the run', async () => {
    await assert.rejects(
      ask('good', new Date(Date.now() + 2 * 3600_000)),
      /its time, \S+, is before the end of the run/,
    )
  })
})

describe('evidence create --timestamp', () => {
  it('exits with 3, and writes no pack without a timestamp', async () => {
    const { code, text } = await create('never.tar', '--timestamp', `${url}/broken`)
    assert.deepEqual([code, /Try again, or pass --no-timestamp/.test(text)], [3, true], text)
    assert.ok(!existsSync(tsa.path('never.tar')))
  })

  it('refuses another address, and a pack without a signature', () => {
    assert.throws(() => stampOf({ timestamp: 'ftp://tsa' }, undefined, true), /ftp:\/\/tsa: must be a URL with http/)
    assert.throws(() => stampOf({ timestamp: url }, undefined, false), /--timestamp requires --key/)
    assert.throws(() => readAuthorities(tsa.path('operator.pem')), /operator\.pem holds no certificate in PEM/)
  })
})
