import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { entriesOfRun } from '../evidence/pack.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'dr-drill-evidence-test-'))
after(() => rmSync(folder, { recursive: true }))
const main = join(import.meta.dirname, 'main.ts')

/** A project with one run, and keys of an operator and an approver, made by openssl. */
const run = join(folder, 'reports/r1')
mkdirSync(join(run, 'boot/lab-1'), { recursive: true })
writeFileSync(
  join(run, 'journal.ndjson'),
  entriesOfRun()
    .map((entry) => `${JSON.stringify(entry)}\n`)
    .join(''),
)
writeFileSync(join(run, 'boot/lab-1/appliance.log'), 'booted\n')
writeFileSync(join(run, 'summary.md'), 'an edited report\n')
writeFileSync(join(folder, 'dr-drill.config.yaml'), 'engine: embedded\n')
const openssl = (...args: string[]) =>
  execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }).toString()
openssl('genpkey', '-algorithm', 'ed25519', '-out', 'operator.key')
openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', 'approver.key')
openssl('genpkey', '-algorithm', 'RSA', '-out', 'rsa.key')
for (const name of ['operator', 'approver']) openssl('pkey', '-in', `${name}.key`, '-pubout', '-out', `${name}.pem`)

const drill = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: folder, encoding: 'utf8' })
  return { status, text: stdout + stderr }
}
const trust = ['--trust', 'operator=operator.pem', '--trust', 'approver=approver.pem']

describe('evidence', () => {
  it('is created, signed by another person, and verified', () => {
    const created = drill('evidence', 'create', 'r1', '-o', 'first.tar', '--key', 'operator.key')
    assert.equal(created.status, 0, created.text)
    assert.match(created.text, /first\.tar: \d+ bytes, SHA-256 [0-9a-f]{64}\nSignatures: 1\./)
    assert.equal(drill('evidence', 'verify', 'first.tar', ...trust, '--require', 'approver').status, 1)
    assert.equal(drill('evidence', 'sign', 'first.tar', '--key', 'approver.key').status, 0)
    const verified = drill('evidence', 'verify', 'first.tar', ...trust, '--require', 'approver')
    assert.deepEqual(
      [verified.status, verified.text.split('\n')[0]],
      [0, '✔ first.tar is verified. Signed by operator, approver.'],
    )
    assert.match(verified.text, /Run r1: 1 passed, exit code 0\n {2}Previous pack: none/)
  })

  it('names the previous pack, and refuses another one', () => {
    const created = drill(
      'evidence',
      'create',
      'r1',
      '-o',
      'second.tar',
      '-k',
      'operator.key',
      '--previous',
      'first.tar',
    )
    assert.equal(created.status, 0, created.text)
    assert.equal(drill('evidence', 'verify', 'second.tar', ...trust, '--previous', 'first.tar').status, 0)
    const wrong = drill('evidence', 'verify', 'first.tar', ...trust, '--previous', 'second.tar')
    assert.deepEqual([wrong.status, /its predecessor is none, and not run r1/.test(wrong.text)], [1, true])
  })

  it('can be checked with sha256sum and openssl alone, as its README explains', () => {
    const place = join(folder, 'unpacked')
    mkdirSync(place)
    execFileSync('tar', ['-xf', join(folder, 'first.tar'), '-C', place, '--strip-components', '1'])
    for (const name of ['operator', 'approver']) cpSync(join(folder, `${name}.pem`), join(place, `${name}.pem`))
    const readme = readFileSync(join(place, 'README.md'), 'utf8')
    const [sums = '', grep = '', ed25519 = '', ecdsa = ''] = [
      ...readme.matchAll(/^ +\$ ((?:sha256sum|grep|openssl).*)$/gm),
    ].map(([, line]) => line ?? '')
    const shell = (line: string) => spawnSync('sh', ['-c', line], { cwd: place, encoding: 'utf8' })
    assert.equal(shell(sums).status, 0)
    assert.equal(shell(grep).stdout, '1\n')
    const keyOf = (name: string) => drillKeyId(join(folder, `${name}.pem`))
    const signed = (line: string, key: string) => line.replaceAll('KEY', key)
    assert.match(shell(signed(ed25519, keyOf('operator'))).stdout, /Success/)
    assert.match(shell(signed(ecdsa, keyOf('approver')).replaceAll('operator.pem', 'approver.pem')).stdout, /OK/)
    // The same commands must fail where something was altered.
    writeFileSync(join(place, 'journal.ndjson'), 'x')
    assert.equal(shell(sums).status, 1)
    const statement = join(place, 'signatures/drill.signed')
    writeFileSync(statement, readFileSync(statement, 'utf8').replace('"passed":1', '"passed":2'))
    assert.notEqual(shell(signed(ed25519, keyOf('operator'))).status, 0)
  })

  it('holds reports that were made from the journal, and the configuration', () => {
    const place = join(folder, 'unpacked')
    assert.doesNotMatch(readFileSync(join(place, 'summary.md'), 'utf8'), /an edited report/)
    for (const name of ['boot/lab-1/appliance.log', 'dr-drill.config.yaml', 'features/a.feature', 'tools/digest.py'])
      assert.ok(existsSync(join(place, name)), name)
  })

  it('is never overwritten, and refuses keys of other kinds', () => {
    const again = drill('evidence', 'create', 'r1', '-o', 'first.tar')
    assert.deepEqual([again.status, /first\.tar exists/.test(again.text)], [2, true])
    const rsa = drill('evidence', 'create', 'r1', '-o', 'rsa.tar', '--key', 'rsa.key')
    assert.deepEqual([rsa.status, /must be Ed25519 or ECDSA with P-256, not rsa/.test(rsa.text)], [2, true])
    const isPublic = drill('evidence', 'create', 'r1', '-o', 'p.tar', '--key', 'operator.pem')
    assert.deepEqual([isPublic.status, /operator\.pem is not a private key/.test(isPublic.text)], [2, true])
    const isPrivate = drill('evidence', 'verify', 'first.tar', '--trust', 'operator=operator.key')
    assert.deepEqual([isPrivate.status, /operator\.key is a private key/.test(isPrivate.text)], [2, true])
    assert.ok(!existsSync(join(folder, 'rsa.tar')))
  })

  it('is not signed if it was altered', () => {
    const bytes = readFileSync(join(folder, 'first.tar'))
    bytes[600] = (bytes[600] ?? 0) ^ 1
    writeFileSync(join(folder, 'altered.tar'), bytes)
    const { status, text } = drill('evidence', 'sign', 'altered.tar', '--key', 'operator.key')
    assert.deepEqual([status, /was altered/.test(text)], [2, true])
    assert.ok(readFileSync(join(folder, 'altered.tar')).equals(bytes))
  })
})

/** The first half of the id of a key, as `openssl` computes it. */
function drillKeyId(pem: string): string {
  const line = `openssl pkey -pubin -in '${pem}' -outform der | sha256sum`
  return spawnSync('sh', ['-c', line], { encoding: 'utf8' }).stdout.slice(0, 16)
}
