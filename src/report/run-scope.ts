import type { JournalEntry } from '../journal/journal.ts'
import { counted } from '../text/plural.ts'
import { printable } from '../text/printable.ts'
import { siteNodes } from '../verdict/observation/node-facts.ts'

/** A part of what a run drilled. */
export interface ScopeFact {
  readonly name: string
  readonly value: string
}

const maxNamed = 8

/** Returns which systems, backups and restores the drills of a run were about, and what was broken in them on purpose. */
export function runScope(entries: readonly JournalEntry[]): readonly ScopeFact[] {
  const fact = (name: string, value: string): readonly ScopeFact[] => (value === '' ? [] : [{ name, value }])
  return [
    ...fact('Sites', sitesText(entries)),
    ...fact('Backups', backupsText(entries)),
    ...fact('Faults', named(entries.flatMap((entry) => (entry.kind === 'fault' ? [entry.fault] : [])))),
    ...fact('Restores', restoresText(entries)),
  ]
}

/** Drills bring up sites of the same name, each with its own nodes. */
function sitesText(entries: readonly JournalEntry[]): string {
  const nodes = new Map<string, Set<string>>()
  for (const { where, facts } of siteNodes.history(entries)) {
    const own = nodes.get(where) ?? new Set()
    for (const node of facts) own.add(node.replace(`${where}/`, ''))
    nodes.set(where, own)
  }
  return [...nodes].map(([site, own]) => `${printable(site)} (${named([...own])})`).join('; ')
}

function backupsText(entries: readonly JournalEntry[]): string {
  const backups = entries.filter((entry) => entry.kind === 'backup')
  if (backups.length === 0) return ''
  const workloads = named(backups.map(({ image }) => image.workload))
  const [sites, shares] = [named(backups.map(({ site }) => site)), named(backups.map(({ share }) => share))]
  return `${counted(backups.length, 'image')} of ${workloads}, written by ${sites} to ${shares}`
}

function restoresText(entries: readonly JournalEntry[]): string {
  const restores = entries.flatMap((entry) => (entry.kind === 'restore' ? [entry.restore] : []))
  if (restores.length === 0) return ''
  const failed = restores.filter(({ outcome }) => outcome === 'failed').length
  const ends = failed === 0 ? 'all read to their end' : `${failed} failed`
  return `${counted(restores.length, 'restore')} on ${named(restores.map(({ site }) => site))}, ${ends}`
}

/** Returns the names in a list, each once. Long lists are cut. */
function named(names: readonly string[]): string {
  const unique = [...new Set(names)].map((name) => printable(name))
  const more = unique.length - maxNamed
  return `${unique.slice(0, maxNamed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
