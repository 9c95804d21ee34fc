import type { JournalEntry } from '../../journal/journal.ts'
import { qemuVersion } from '../../verdict/observation/node-facts.ts'
import type { RunOverview } from '../run-overview.ts'
import type { EnvironmentFact } from './page-data.ts'
import { clipped } from './page-text.ts'

const maxValueChars = 500

/** Returns who made a run, where and with what, as far as its journal holds it. */
export function environmentFacts(entries: readonly JournalEntry[], run: RunOverview): readonly EnvironmentFact[] {
  const recorded = entries.find((entry) => entry.kind === 'environment')?.environment
  const argv = entries.find((entry) => entry.kind === 'run-started')?.argv
  const fact = (name: string, value: string | undefined): readonly EnvironmentFact[] =>
    value === undefined || value === '' ? [] : [{ name, value: clipped(value, maxValueChars) }]
  return [
    ...fact('Run', run.run),
    ...fact('Command', argv === undefined ? undefined : ['dr-drill', ...argv].join(' ')),
    ...fact('dr-drill', run.version),
    ...fact('User', recorded?.user),
    ...fact('Host', recorded?.host),
    ...fact('Operating system', recorded?.system),
    ...(recorded?.ciJob === undefined ? [] : [{ ...linkTo(recorded.ciJob), name: 'CI job' }]),
    ...fact('Features', recorded?.features === undefined ? undefined : revisionText(recorded.features)),
    ...fact('Node.js', recorded?.node),
    ...fact('Engine', [recorded?.engine, recorded?.engineVersion].filter((one) => one !== undefined).join(', ')),
    ...fact('Guest image', recorded?.guestImage),
    ...fact('Guest kernel', run.kernels.join(', ')),
    ...fact('QEMU in the guests', qemuVersions(entries)),
    ...fact('Exit code', run.exitCode === undefined ? undefined : String(run.exitCode)),
  ]
}

function linkTo(url: string): Omit<EnvironmentFact, 'name'> {
  const value = clipped(url, maxValueChars)
  return /^https?:\/\//.test(value) ? { value, isLink: true } : { value }
}

function revisionText({ commit, isDirty }: { readonly commit: string; readonly isDirty: boolean }): string {
  return `commit ${commit}, ${isDirty ? 'with uncommitted changes' : 'no uncommitted changes'}`
}

function qemuVersions(entries: readonly JournalEntry[]): string {
  const seen = entries.flatMap((entry) =>
    entry.kind === 'observation' && entry.subject === qemuVersion.subject ? [entry.facts] : [],
  )
  return [...new Set(seen.map(String))].sort().join(', ')
}
