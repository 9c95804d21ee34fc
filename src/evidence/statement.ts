import type { JournalEntry } from '../journal/journal.ts'
import { type RunOverview, runOverview } from '../report/run-overview.ts'
import { manifestName, sha256 } from './manifest.ts'
import type { PackFile } from './pack-archive.ts'

/** The version of the format of packs. */
export const packFormat = 1

/** What a statement says: see https://github.com/in-toto/attestation, version 1. */
export interface Statement {
  readonly _type: 'https://in-toto.io/Statement/v1'
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[]
  readonly predicateType: string
  readonly predicate: Readonly<Record<string, unknown>>
}

/** The pack that this one follows. */
export interface Predecessor {
  readonly run: string
  /** SHA-256 of the file of the pack. */
  readonly sha256: string
}

/** The statements of a pack, by the name of their files. */
export const statementNames = ['drill', 'test-result'] as const
export type StatementName = (typeof statementNames)[number]

const predicateTypes: Readonly<Record<StatementName, string>> = {
  drill: 'urn:dr-drill:predicate:drill-run:v1',
  'test-result': 'https://in-toto.io/attestation/test-result/v0.1',
}

export interface StatementInput {
  readonly manifest: string
  readonly entries: readonly JournalEntry[]
  /** The manifested files. */
  readonly files: readonly PackFile[]
  readonly predecessor?: Predecessor
}

/**
 * Returns the statements of a pack, which follow from its files: one with the four outcomes of dr-drill, and one in the
 * form of in-toto's test results, which knows only passed, warned and failed. *Unknown* and *not run* are failed there.
 */
export function statementsOf(input: StatementInput): Readonly<Record<StatementName, string>> {
  const run = runOverview(input.entries)
  return {
    drill: serialized(input, 'drill', drillPredicate(run, input)),
    'test-result': serialized(input, 'test-result', testResult(run, input.files)),
  }
}

function serialized({ manifest, files }: StatementInput, name: StatementName, predicate: object): string {
  const journal = files.find(({ path }) => path === 'journal.ndjson')
  const statement: Statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [
      { name: manifestName, digest: { sha256: sha256(manifest) } },
      ...(journal === undefined ? [] : [{ name: journal.path, digest: { sha256: sha256(journal.content) } }]),
    ],
    predicateType: predicateTypes[name],
    predicate: predicate as Statement['predicate'],
  }
  return JSON.stringify(statement)
}

function drillPredicate(run: RunOverview, { predecessor, entries }: StatementInput): object {
  const { version, startedAt, exitCode, counts, drills, findings, errors } = run
  return {
    format: packFormat,
    ...{ run: run.run, tool: `dr-drill ${version}`, startedAt, endedAt: entries.at(-1)?.at ?? startedAt },
    exitCode: exitCode ?? null,
    counts,
    drills: drills.map(({ name, location, outcome, why }) => ({ name, location, outcome, ...(why && { why }) })),
    findings: findings.map(({ verdict, question, sentence }) => ({ verdict, question, sentence })),
    errors,
    predecessor: predecessor ?? null,
  }
}

/** True if every scenario of a run passed, and there was one. *Unknown* and *not run* are no pass. */
export const hasPassed = ({ exitCode, counts, drills }: RunOverview): boolean =>
  exitCode === 0 && counts.passed > 0 && counts.passed === drills.length

function testResult(run: RunOverview, files: readonly PackFile[]): object {
  const locationsOf = (isPassed: boolean) =>
    run.drills.filter(({ outcome }) => (outcome === 'passed') === isPassed).map(({ location }) => location)
  const failedTests = locationsOf(false)
  const passedTests = locationsOf(true)
  return {
    result: hasPassed(run) ? 'PASSED' : 'FAILED',
    configuration: files
      .filter(({ path }) => path.startsWith('features/') || path.endsWith('.yaml'))
      .map(({ path, content }) => ({ name: path, digest: { sha256: sha256(content) } })),
    passedTests,
    warnedTests: [],
    failedTests,
  }
}
