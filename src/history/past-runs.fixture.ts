import type { ExerciseRecord, Journal, Outcome } from '../journal/journal.ts'
import { MemoryJournal, scoped } from '../journal/journal-memory.ts'
import { recoveryTime } from '../verdict/claim/objectives.ts'
import { topologyFile } from '../verdict/observation/node-facts.ts'
import { runbookEnds, runbookFiles } from '../verdict/observation/runbook-end.ts'
import { type RunRecord, runRecord } from './run-record.ts'

export const text = 'Feature: A\n'
export const topologyDigest = 'a'.repeat(64)

/** A recovery that took so long, held against two seconds. */
function addObjective(journal: Journal, tookMs: number): void {
  const question = recoveryTime.name
  journal.append({ kind: 'phase-started', phase: 'recover' })
  journal.append({ kind: 'phase-ended', phase: 'recover', durationMs: tookMs })
  journal.append({ kind: 'phase-started', phase: 'restore' })
  journal.append({ kind: 'phase-ended', phase: 'restore', durationMs: 0 })
  journal.append({ kind: 'expectation', question, expected: { withinMs: 2000 } })
  journal.append({ kind: 'finding', finding: { verdict: 'pass', question, sentence: 's', evidence: [] } })
}

/** A runbook that ended well. A journal of an older version does not have the digests of its files. */
function addRunbook(journal: Journal, runbook: string, isOld: boolean): void {
  if (!isOld) runbookFiles.record(journal, 'localhost', { runbook, files: { 'bind.sh': 'r1' } })
  runbookEnds.record(journal, 'localhost', { runbook, ended: 'exited', exitCode: 0, signal: null })
}

/** A run on a day of November with one scenario, whose line differs from run to run. */
export function runOn(
  day: number,
  outcome: Outcome,
  {
    version = '1.0.0',
    feature = text,
    name = 'n',
    image = '0123456789abcdef',
    topology = '',
    tookMs = 0,
    code = { 'steps/own.ts': 'c1' } as Readonly<Record<string, string>>,
    runbook = '',
    isOld = false,
    exercise = [] as readonly ExerciseRecord[],
  } = {},
): RunRecord {
  const journal = new MemoryJournal()
  journal.append({ kind: 'run-started', run: `r${day}`, version, argv: [] })
  const environment = {
    user: 'u',
    host: 'h',
    system: 's',
    node: 'v24',
    guestImage: `/cache/guest-${image}`,
    ...(!isOld && { code }),
  }
  journal.append({ kind: 'environment', environment })
  journal.append({ kind: 'envelope', envelope: { source: { uri: 'a.feature', data: feature, mediaType: '' } } })
  journal.append({ kind: 'drill-started', name, feature: 'A', location: `a.feature:${day}` }, 'd')
  if (topology !== '') topologyFile.record(scoped(journal, 'd'), 'localhost', { file: 't.yaml', sha256: topology })
  if (runbook !== '') addRunbook(scoped(journal, 'd'), runbook, isOld)
  for (const record of exercise) journal.append({ kind: 'exercise', ...record }, 'd')
  if (tookMs > 0) addObjective(scoped(journal, 'd'), tookMs)
  journal.append({ kind: 'drill-ended', outcome }, 'd')
  journal.append({ kind: 'run-ended', exitCode: 0 })
  return { ...runRecord(journal.entries()), startedAt: `2026-11-${String(day).padStart(2, '0')}T12:00:00.000Z` }
}
