import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { JournalEvent } from '../journal/journal.ts'
import { MemoryJournal } from '../journal/journal-memory.ts'
import { createPack } from './create-pack.ts'
import type { PackFile } from './pack-archive.ts'

export const operator = generateKeyPairSync('ed25519')
export const approver = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
export const trusted = [
  { name: 'operator', key: operator.publicKey },
  { name: 'approver', key: approver.publicKey },
]

/** Entries of a run with one drill. */
export function entriesOfRun(
  outcome: 'passed' | 'failed' = 'passed',
  more: readonly JournalEvent[] = [],
  inDrill: readonly JournalEvent[] = [],
) {
  const journal = new MemoryJournal()
  const source = { uri: 'features/a.feature', data: 'Feature: A\n', mediaType: 'text/x.cucumber.gherkin+plain' }
  journal.append({ kind: 'run-started', run: 'r1', version: '0.1.0', argv: [] })
  journal.append({ kind: 'envelope', envelope: { source } })
  journal.append({ kind: 'drill-started', name: 'n', feature: 'A', location: 'features/a.feature:3' }, 'd1')
  const verdict = outcome === 'passed' ? 'pass' : 'fail'
  journal.append({ kind: 'finding', finding: { verdict, question: 'q', sentence: 's', evidence: [1] } }, 'd1')
  for (const event of inDrill) journal.append(event, 'd1')
  journal.append({ kind: 'drill-ended', outcome }, 'd1')
  for (const event of more) journal.append(event)
  journal.append({ kind: 'run-ended', exitCode: outcome === 'passed' ? 0 : 1 })
  return journal.entries()
}

/** A pack of a run. */
export function packOf(
  entries = entriesOfRun(),
  keys: readonly KeyObject[] = [operator.privateKey, approver.privateKey],
  more: readonly PackFile[] = [],
) {
  const journal = Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))
  return createPack({ entries, journal, files: [{ path: 'summary.md', content: Buffer.from('# s\n') }, ...more], keys })
}
