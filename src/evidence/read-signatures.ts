import type { SignedEnvelope } from './dsse.ts'
import type { ReportProblem } from './pack-problem.ts'
import { readEnvelope } from './read-statement.ts'
import { envelopePath, keyPath, type Signatures, signaturesOf } from './signed-pack.ts'
import { type StatementName, statementNames } from './statement.ts'

/** Returns the signatures of a pack that has no problem, to add another one. Undefined for any other pack. */
export function readSignatures(
  byPath: ReadonlyMap<string, Uint8Array>,
  report: ReportProblem = () => {},
): Signatures | undefined {
  const envelopes: Partial<Record<StatementName, SignedEnvelope>> = {}
  for (const name of statementNames) {
    const path = envelopePath(name)
    const content = byPath.get(path)
    const envelope = content && readEnvelope(content)
    if (envelope !== undefined) envelopes[name] = envelope
    else if (content === undefined) report('missing', path, 'the pack has no such file')
    else report('altered', path, 'it is not an envelope')
  }
  const { drill, 'test-result': testResult } = envelopes
  if (drill === undefined || testResult === undefined) return undefined
  const keys = new Map<string, string>()
  for (const { keyid } of [...drill.signatures, ...testResult.signatures]) {
    const pem = byPath.get(keyPath(keyid))
    if (pem !== undefined) keys.set(keyid, Buffer.from(pem).toString('utf8'))
    else report('missing', keyPath(keyid), 'the public key of a signer is not in the pack')
  }
  const signatures = { envelopes: { drill, 'test-result': testResult }, keys, timestamps: new Map() }
  const timestamps = signaturesOf(signatures).flatMap(({ path }) => {
    const content = byPath.get(path)
    return content === undefined ? [] : [[path, content] as const]
  })
  return { ...signatures, timestamps: new Map(timestamps) }
}
