import type { KeyObject } from 'node:crypto'
import type { JournalEntry } from '../journal/journal.ts'
import { parseJournal, type ReadJournal } from '../journal/journal-file.ts'
import { runOverview } from '../report/run-overview.ts'
import { checkOutcomes } from './check-outcomes.ts'
import { checkTimestamps, type SignerTimestamps } from './check-timestamps.ts'
import { packStreamOf, timeOf } from './create-pack.ts'
import { isSignedBy, isValidSignature, keyIdOf } from './dsse.ts'
import { manifestName, readManifest, sha256 } from './manifest.ts'
import { unpackFiles } from './pack-archive.ts'
import type { PackProblem, ReportProblem } from './pack-problem.ts'
import { readSignatures } from './read-signatures.ts'
import { type DrillStatement, readDrillStatement, readTestStatement } from './read-statement.ts'
import { recordingProblems } from './recordings.ts'
import { envelopePath, keyPath, type Signatures, signatureFiles, signatureFolder } from './signed-pack.ts'
import { parsePublicKey } from './signing-key.ts'
import { type Predecessor, statementNames } from './statement.ts'
import type { Timestamp } from './timestamp.ts'

/** One who signed a pack. */
export interface PackSigner {
  readonly keyid: string
  /** The name of the trusted key. Undefined for a key that is not trusted. */
  readonly name?: string
  /** A time at which the signature existed. Undefined without a valid timestamp. */
  readonly timestamp?: Timestamp
}

/** What the check of a pack found. */
export interface PackCheck {
  /** `verified` needs a trusted signer, and no problem. `consistent` has no problem, and no signer that is trusted. */
  readonly verdict: 'verified' | 'consistent' | 'invalid'
  readonly run: string
  readonly exitCode: number | null
  readonly counts?: DrillStatement['predicate']['counts']
  readonly signers: readonly PackSigner[]
  readonly problems: readonly PackProblem[]
  readonly predecessor?: Predecessor
  /** True if the run was killed while its journal was written. */
  readonly isCut: boolean
}

export interface TrustedKey {
  readonly name: string
  readonly key: KeyObject
}

/** Demands on a pack that is whole. */
export interface PackDemands {
  /** Names of trusted keys that all must have signed. */
  readonly required?: readonly string[]
  /** Certificates of timestamp authorities in DER, which must have stamped the signatures of trusted signers. */
  readonly authorities?: readonly Uint8Array[]
}

/**
 * Checks an evidence pack, offline: every file against the manifest, the manifest against the signed statements, these
 * against the journal, the signatures against the keys, and every other byte of the archive against what it must be.
 * @throws InputError if it is not an archive of plain files
 */
export async function verifyPack(
  archive: Uint8Array,
  source: string,
  trusted: readonly TrustedKey[],
  { required = [], authorities = [] }: PackDemands = {},
): Promise<PackCheck> {
  const { folder, files } = await unpackFiles(archive, source)
  const byPath = new Map(files.map(({ path, content }) => [path, content]))
  const problems: PackProblem[] = []
  const report = (kind: PackProblem['kind'], path: string, sentence: string) => problems.push({ kind, path, sentence })

  const manifest = Buffer.from(byPath.get(manifestName) ?? []).toString('utf8')
  checkManifest(byPath, manifest, report)
  const signatures = readSignatures(byPath, report)
  const journal = readPackJournal(byPath, report)
  const statement = signatures && readDrillStatement(signatures.envelopes.drill)
  const run = signatures && journal && runOverview(journal.entries)
  checkRecordings(journal?.entries ?? [], byPath, report)
  if (signatures !== undefined) {
    if (statement === undefined) report('altered', envelopePath('drill'), 'it holds no statement of this format')
    checkStatements(signatures, sha256(manifest), report)
    checkSignatures(signatures, byPath, report)
    if (statement !== undefined && journal !== undefined && run !== undefined)
      checkOutcomes(statement, signatures, { run, entries: journal.entries }, report)
  }
  const found = signatures === undefined ? [] : signersOf(signatures, trusted)
  const timestamps: SignerTimestamps =
    signatures === undefined || journal === undefined
      ? new Map()
      : await checkTimestamps(
          { signatures, entries: journal.entries, authorities, required: stampedKeys(found) },
          report,
        )
  if (authorities.length > 0 && found.length === 0)
    report('not timestamped', signatureFolder, 'it has no signature that a timestamp could be about')
  const signers = found.map((one) => {
    const timestamp = timestamps.get(one.keyid)
    return timestamp === undefined ? one : { ...one, timestamp }
  })
  for (const name of required)
    if (!signers.some((one) => one.name === name)) report('not signed', signatureFolder, `${name} did not sign it`)
  if (problems.length === 0 && signatures !== undefined && journal !== undefined && run !== undefined) {
    const listed = files.filter(({ path }) => path !== manifestName && !path.startsWith(`${signatureFolder}/`))
    const expected = packStreamOf(listed, manifest, signatures, run.run, timeOf(journal.entries))
    const at = await firstDifference(archive, expected)
    if (at !== undefined)
      report('other bytes', folder, `byte ${at} of the archive belongs to no file, and differs from what it must be`)
  }
  const isTrusted = signers.some(({ name }) => name !== undefined)
  return {
    verdict: problems.length > 0 ? 'invalid' : isTrusted ? 'verified' : 'consistent',
    run: statement?.predicate.run ?? folder.replace(/^evidence-/, ''),
    exitCode: statement?.predicate.exitCode ?? null,
    ...(statement && { counts: statement.predicate.counts }),
    signers,
    problems,
    ...(statement?.predicate.predecessor && { predecessor: statement.predicate.predecessor }),
    isCut: journal?.torn === true,
  }
}

function checkManifest(byPath: ReadonlyMap<string, Uint8Array>, manifest: string, report: ReportProblem): void {
  if (!byPath.has(manifestName)) return void report('missing', manifestName, 'the pack has no manifest')
  const listed = readManifest(manifest)
  if (listed === undefined) return void report('altered', manifestName, 'it is not a manifest of SHA-256 digests')
  for (const [path, digest] of listed) {
    const content = byPath.get(path)
    if (content === undefined) report('missing', path, 'the manifest lists it, and the pack does not have it')
    else if (sha256(content) !== digest) report('altered', path, 'its content is not what the manifest says')
  }
  for (const path of byPath.keys())
    if (path !== manifestName && !path.startsWith(`${signatureFolder}/`) && !listed.has(path))
      report('unexpected', path, 'the manifest does not list it')
}

/** A recording must be the one that the journal has the digest of. A pack may have none, e.g. because of privacy. */
function checkRecordings(
  entries: readonly JournalEntry[],
  byPath: ReadonlyMap<string, Uint8Array>,
  report: ReportProblem,
): void {
  for (const { kind, path } of recordingProblems(entries, (one) => byPath.get(one)))
    if (kind === 'altered') report('altered', path, 'its digest is not the one in the journal')
}

/** The statements must be about this manifest. */
function checkStatements({ envelopes }: Signatures, digest: string, report: ReportProblem): void {
  const statements = [
    ['drill', readDrillStatement(envelopes.drill)],
    ['test-result', readTestStatement(envelopes['test-result'])],
  ] as const
  for (const [name, statement] of statements) {
    const said = statement?.subject.find((one) => one.name === manifestName)?.digest.sha256
    if (statement === undefined) report('altered', envelopePath(name), 'it holds no statement of this format')
    else if (said !== digest) report('altered', manifestName, `${envelopePath(name)} is about another manifest`)
  }
}

function checkSignatures(signatures: Signatures, byPath: ReadonlyMap<string, Uint8Array>, report: ReportProblem): void {
  for (const name of statementNames)
    for (const signature of signatures.envelopes[name].signatures) {
      const pem = signatures.keys.get(signature.keyid)
      if (pem === undefined) continue
      const key = publicKeyOf(pem, signature.keyid)
      if (key === undefined) report('altered', keyPath(signature.keyid), 'it is not the key that its name says')
      else if (!isValidSignature(signatures.envelopes[name], signature, key))
        report('bad signature', envelopePath(name), `the key ${signature.keyid} did not sign this statement`)
    }
  const expected = new Map(signatureFiles(signatures).map(({ path, content }) => [path, content]))
  for (const [path, content] of expected) {
    const found = byPath.get(path)
    if (found === undefined) report('missing', path, 'the pack does not have it')
    else if (!Buffer.from(found).equals(content))
      report('altered', path, 'it does not follow from the signed statement')
  }
  for (const path of byPath.keys())
    if (path.startsWith(`${signatureFolder}/`) && !expected.has(path))
      report('unexpected', path, 'it belongs to no signature')
}

function publicKeyOf(pem: string, keyid: string): KeyObject | undefined {
  try {
    const key = parsePublicKey(pem, keyid)
    // A key has many forms in PEM. Only one of them can be that of a pack whose bytes all count.
    const isCanonical = key.export({ type: 'spki', format: 'pem' }) === pem
    return keyIdOf(key) === keyid && isCanonical ? key : undefined
  } catch {
    return undefined
  }
}

function readPackJournal(byPath: ReadonlyMap<string, Uint8Array>, report: ReportProblem): ReadJournal | undefined {
  const content = byPath.get('journal.ndjson')
  if (content === undefined) {
    report('missing', 'journal.ndjson', 'the pack has no journal')
    return undefined
  }
  try {
    return parseJournal([content], 'journal.ndjson')
  } catch (error) {
    report('altered', 'journal.ndjson', (error as Error).message)
    return undefined
  }
}

function signersOf({ envelopes }: Signatures, trusted: readonly TrustedKey[]): readonly PackSigner[] {
  const hasSignedAll = (key: KeyObject) => statementNames.every((name) => isSignedBy(envelopes[name], key))
  const named = trusted.filter(({ key }) => hasSignedAll(key)).map(({ name, key }) => ({ name, keyid: keyIdOf(key) }))
  const others = envelopes.drill.signatures.filter(({ keyid }) => !named.some((one) => one.keyid === keyid))
  return [...named, ...others.map(({ keyid }) => ({ keyid }))]
}

/** The signatures that must have timestamps: strangers can add theirs to any pack. */
function stampedKeys(signers: readonly PackSigner[]): readonly string[] {
  const named = signers.filter(({ name }) => name !== undefined)
  return (named.length > 0 ? named : signers).map(({ keyid }) => keyid)
}

async function firstDifference(archive: Uint8Array, expected: AsyncIterable<Uint8Array>): Promise<number | undefined> {
  let at = 0
  for await (const part of expected) {
    const found = archive.subarray(at, at + part.length)
    if (Buffer.compare(found, part) !== 0) {
      const differs = part.findIndex((byte, nth) => byte !== found[nth])
      return at + differs
    }
    at += part.length
  }
  return at === archive.length ? undefined : at
}
