import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { bundleFromJSON } from '@sigstore/bundle'
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify'
import type { JournalEvent } from '../journal/journal.ts'
import { createPack } from './create-pack.ts'
import { keyIdOf } from './dsse.ts'
import { manifestOf, sha256 } from './manifest.ts'
import { approver, entriesOfRun, operator, packOf, trusted } from './pack.fixture.ts'
import { type PackFile, packFiles, unpackFiles } from './pack-archive.ts'
import { verifyPack } from './verify-pack.ts'

/** The pack with its files changed. */
async function changed(pack: Buffer, change: (files: Map<string, Uint8Array>) => void): Promise<Buffer> {
  const { folder, files, time } = await unpackFiles(pack, 'pack')
  const byPath = new Map(files.map(({ path, content }) => [path, content]))
  change(byPath)
  const all: PackFile[] = [...byPath].map(([path, content]) => ({ path, content }))
  return packFiles(
    folder,
    all.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    time,
  )
}

const problemsOf = async (pack: Uint8Array, keys = trusted): Promise<readonly string[]> =>
  (await verifyPack(pack, 'pack', keys)).problems.map(({ kind, path }) => `${kind} ${path}`)

describe('an evidence pack', () => {
  it('is verified with the keys of its signers, whose names are those of the trusted keys', async () => {
    const check = await verifyPack(await packOf(), 'pack', trusted, { required: ['operator', 'approver'] })
    assert.deepEqual(check.problems, [])
    assert.equal(check.verdict, 'verified')
    assert.deepEqual(
      check.signers.map(({ name }) => name),
      ['operator', 'approver'],
    )
    assert.deepEqual(check.counts, { passed: 1, failed: 0, unknown: 0, 'not run': 0 })
  })

  it('is only consistent without a trusted key, or without a signer', async () => {
    assert.equal((await verifyPack(await packOf(), 'pack', [])).verdict, 'consistent')
    assert.equal((await verifyPack(await packOf(undefined, []), 'pack', trusted)).verdict, 'consistent')
    const stranger = [{ name: 'stranger', key: generateKeyPairSync('ed25519').publicKey }]
    assert.equal((await verifyPack(await packOf(), 'pack', stranger)).verdict, 'consistent')
  })

  it('is invalid if a required signer did not sign', async () => {
    const pack = await packOf(undefined, [operator.privateKey])
    const check = await verifyPack(pack, 'pack', trusted, { required: ['operator', 'approver'] })
    assert.deepEqual([check.verdict, check.problems[0]?.sentence], ['invalid', 'approver did not sign it'])
  })

  it('has the same bytes each time with Ed25519', async () => {
    const entries = entriesOfRun()
    const keys = [operator.privateKey]
    assert.ok((await packOf(entries, keys)).equals(await packOf(entries, keys)))
  })

  it('holds a bundle of each signer that Sigstore accepts', async () => {
    const { files } = await unpackFiles(await packOf(), 'pack')
    const bundles = files.filter(({ path }) => path.endsWith('.sigstore.json'))
    assert.equal(bundles.length, 4)
    for (const { content } of bundles) {
      const bundle = bundleFromJSON(JSON.parse(Buffer.from(content).toString()))
      const find = (hint: string) => {
        const key = [operator, approver].map(({ privateKey }) => createPublicKey(privateKey))
        const { publicKey } = { publicKey: key.find((one) => keyIdOf(one) === hint) ?? assert.fail(hint) }
        return { publicKey, validFor: () => true }
      }
      const trust = toTrustMaterial(
        { mediaType: '', tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] } as never,
        find,
      )
      new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 }).verify(toSignedEntity(bundle))
    }
  })

  it('holds the script of an exercise, and its recordings as the journal has their digests', async () => {
    const cast = Buffer.from('{"version":2}\n[0.1,"o","$ "]\n')
    const ended = (digest: string): JournalEvent => ({
      ...{ kind: 'exercise', event: 'session ended', clockMs: 1, person: 'ann', subject: '001-ann.cast', digest },
    })
    const script = { file: 'a.yaml', yaml: 'title: A\n' }
    const began: JournalEvent = { kind: 'exercise', event: 'began', clockMs: 0, script }
    const recordings = [{ path: 'recordings/001-ann.cast', content: cast }]
    const pack = await packOf(entriesOfRun('passed', [], [began, ended(sha256(cast))]), undefined, recordings)
    assert.deepEqual(await problemsOf(pack), [])
    const { files } = await unpackFiles(pack, 'pack')
    assert.equal(`${files.find(({ path }) => path === 'features/a.yaml')?.content}`, script.yaml)
    const altered = await changed(pack, (byPath) => byPath.set('recordings/001-ann.cast', Buffer.from('x')))
    assert.deepEqual(await problemsOf(altered), ['altered recordings/001-ann.cast', 'altered recordings/001-ann.cast'])
    const packedAltered = await packOf(entriesOfRun('passed', [], [ended(sha256('y'))]), undefined, recordings)
    assert.deepEqual(await problemsOf(packedAltered), ['altered recordings/001-ann.cast'])
  })

  it('is invalid if it is longer or shorter', async () => {
    const pack = await packOf()
    assert.deepEqual(await problemsOf(Buffer.concat([pack, Buffer.alloc(512)])), ['other bytes evidence-r1'])
    await assert.rejects(verifyPack(pack.subarray(0, 5000), 'pack', trusted), /not a whole tar archive|does not belong/)
  })

  const changes: readonly (readonly [string, (files: Map<string, Uint8Array>) => void, string])[] = [
    ['a file that was altered', (files) => files.set('summary.md', Buffer.from('# t\n')), 'altered summary.md'],
    ['a file that was removed', (files) => files.delete('summary.md'), 'missing summary.md'],
    ['a file that was added', (files) => files.set('extra.md', Buffer.from('')), 'unexpected extra.md'],
    [
      'an added file among the signatures',
      (files) => files.set('signatures/x.sig', Buffer.from('')),
      'unexpected signatures/x.sig',
    ],
    [
      'a manifest that was made again',
      (files) => {
        files.set('summary.md', Buffer.from('# t\n'))
        const listed = [...files].filter(([path]) => !/^(SHA|signatures)/.test(path))
        files.set('SHA256SUMS', Buffer.from(manifestOf(listed.map(([path, content]) => ({ path, content })))))
      },
      'altered SHA256SUMS',
    ],
    ['a missing journal', (files) => files.delete('journal.ndjson'), 'missing journal.ndjson'],
    ['a missing envelope', (files) => files.delete('signatures/drill.dsse.json'), 'missing signatures/drill.dsse.json'],
    [
      'the same key in another form of PEM',
      (files) => {
        const path = [...files.keys()].find((one) => one.endsWith('.pem')) ?? assert.fail()
        files.set(path, Buffer.concat([files.get(path) ?? assert.fail(), Buffer.from('\n')]))
      },
      'altered signatures/',
    ],
    [
      'a key of another signer',
      (files) => {
        const path = [...files.keys()].find((one) => one.endsWith('.pem')) ?? assert.fail()
        files.set(
          path,
          Buffer.from(generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString()),
        )
      },
      'altered signatures/',
    ],
  ]
  for (const [what, change, problem] of changes)
    it(`is invalid for ${what}, and names it`, async () => {
      const problems = await problemsOf(await changed(await packOf(), change))
      assert.ok(
        problems.some((one) => one.startsWith(problem)),
        problems.join('\n'),
      )
    })

  it('is invalid if its journal contradicts itself', async () => {
    const entries = entriesOfRun('failed').map((entry) =>
      entry.kind === 'drill-ended' ? { ...entry, outcome: 'passed' as const } : entry,
    )
    assert.deepEqual(await problemsOf(await packOf(entries)), ['contradiction journal.ndjson'])
  })

  it('of a killed run reports that its journal is cut', async () => {
    const entries = entriesOfRun().slice(0, -1)
    const journal = Buffer.from(`${entries.map((entry) => JSON.stringify(entry)).join('\n')}\n{"seq":`)
    const pack = await createPack({ entries, journal, files: [], keys: [operator.privateKey] })
    const check = await verifyPack(pack, 'pack', trusted)
    assert.deepEqual([check.verdict, check.isCut, check.exitCode], ['verified', true, null])
  })
})
