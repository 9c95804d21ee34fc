import type { JournalEntry, Phase } from '../../journal/journal.ts'
import { duration, longDuration } from '../../text/duration.ts'
import { all, entriesOf, fail, type Judgment, pass, type Question, unknown } from '../question.ts'
import { timesOf, unfinished } from './phase-times.ts'
import { recoveryClock, recoveryPhases } from './recovery-clock.ts'
import { newestRestored, type RestoredSnapshot, recoveredRestores } from './restored-snapshot.ts'

/** What a recovery must meet. */
export interface Objective {
  /** Maximum duration of recovery and of the restores after it. */
  readonly recoveryTimeMs?: number
  /** Maximum age of the newest restored snapshot at the time of the disaster: the data that is lost. */
  readonly recoveryPointMs?: number
}

/** The objectives that drills must meet. */
export interface Objectives extends Objective {
  /** By the name of a workload. */
  readonly workloads?: Readonly<Record<string, Objective>>
  /** By a tag of the scenario, `@critical`. */
  readonly tags?: Readonly<Record<string, Objective>>
}

/** The expectation of `recoveryTime`. */
export interface RecoveryTimeLimit {
  readonly withinMs: number
  /** Undefined for all restores of the drill. */
  readonly workload?: string
}

/** The expectation of `recoveryPoint`. */
export interface RecoveryPointLimit {
  readonly atMostMs: number
  /** Undefined for every workload that was restored. */
  readonly workload?: string
}

/** What was measured for an objective, and between which points of time. */
export interface Measurement {
  readonly tookMs: number
  /** ISO 8601, UTC. */
  readonly from: string
  readonly to: string
}

/** True if restores were made after a recovery: its time is known. */
export function hasRecovered(journal: readonly JournalEntry[]): boolean {
  return timesOf(journal).has('restore')
}

/** Returns the objective of a scenario. The strictest one counts. */
export function objectiveOf(objectives: Objectives, tags: readonly string[]): Objective {
  const some = [objectives, ...tags.flatMap((tag) => objectives.tags?.[tag] ?? [])]
  const strictest = (limits: readonly (number | undefined)[]) => Math.min(...limits.map((one) => one ?? Infinity))
  const recoveryTimeMs = strictest(some.map((one) => one.recoveryTimeMs))
  const recoveryPointMs = strictest(some.map((one) => one.recoveryPointMs))
  return {
    ...(recoveryTimeMs < Infinity && { recoveryTimeMs }),
    ...(recoveryPointMs < Infinity && { recoveryPointMs }),
  }
}

/**
 * Asks whether recovery, handover, and the restores after them, together take no longer than the objective. For a workload, the clock
 * stops at the last restore of its newest snapshot that was restored, and it fails if none was.
 */
export const recoveryTime: Question<RecoveryTimeLimit> = {
  name: 'recovery and restores meet the recovery time objective',
  judge: (journal, { withinMs, workload }) => {
    if (workload === undefined && !hasRecovered(journal)) return unknown('nothing was restored after a recovery')
    const restored = workload === undefined ? undefined : restoredOf(journal, workload)
    if (restored !== undefined && 'verdict' in restored) return restored
    const times = timesOf(journal)
    const open = unfinished(journal)
    // A drill that hands workloads over and binds nothing has recovered too.
    const needed: readonly Phase[] = times.has('hand over') ? ['restore'] : ['recover', 'restore']
    const unknownTimes = recoveryPhases.filter(
      (phase) => open.has(phase) || (needed.includes(phase) && !times.has(phase)),
    )
    if (unknownTimes.length > 0) return unknown(`phases without a time: ${unknownTimes.join(', ')}`)
    const clock = recoveryClock(journal, restored?.restores.at(-1)?.seq)
    if (clock === undefined) return unknown('the restores were made before the recovery')
    const parts = clock.parts.map(({ name, tookMs }) => `${name} ${duration(tookMs)}`).join(', ')
    const found = `${duration(clock.tookMs)} (${parts})`
    const points = `the clock ran from ${clock.from} to ${clock.to}`
    const evidence = [...new Set([...clock.evidence, ...(restored?.evidence ?? [])])].sort((a, b) => a - b)
    const what = restored === undefined ? '' : ` for ${nameOf(restored)}`
    return clock.tookMs > withinMs
      ? fail(`${found}${what}, more than the allowed ${duration(withinMs)}; ${points}`, evidence)
      : pass(`${found}${what}, within the allowed ${duration(withinMs)}; ${points}`, evidence)
  },
}

/**
 * Asks whether the newest snapshot that was restored was taken no longer before the disaster than the objective allows:
 * what was written after it is lost.
 */
export const recoveryPoint: Question<RecoveryPointLimit> = {
  name: 'restored snapshots meet the recovery point objective',
  judge: (journal, { atMostMs, workload }) => {
    const names = workload === undefined ? restoredWorkloads(journal) : [workload]
    if (names.length === 0) return unknown('no workload was restored after a recovery')
    const judgments = names.map((name) => judgeLoss(journal, name, atMostMs))
    return judgments.length === 1 && judgments[0] !== undefined
      ? judgments[0]
      : all(judgments, `${judgments.map(({ sentence }) => sentence).join('; ')}`)
  },
}

/** Returns the workloads of which a snapshot was restored after a recovery, with every disk and with its content. */
export function restoredWorkloads(journal: readonly JournalEntry[]): readonly string[] {
  const names = new Set(recoveredRestores(journal).map(({ restore }) => restore.image.workload))
  return [...names].filter((name) => newestRestored(journal, name) !== undefined)
}

/** True if the journal has a disaster, which a recovery point is measured from. */
export function hasDisaster(journal: readonly JournalEntry[]): boolean {
  return entriesOf(journal, 'fault').some(({ fault }) => fault === disaster)
}

/** The fault that a recovery point is measured from. */
const disaster = 'site loss'

/** Measures what `recoveryTime` judges. Undefined if it cannot be measured. */
export function measureRecovery(journal: readonly JournalEntry[], workload?: string): Measurement | undefined {
  const restored = workload === undefined ? undefined : newestRestored(journal, workload)
  if (workload !== undefined && restored === undefined) return undefined
  return recoveryClock(journal, restored?.restores.at(-1)?.seq)
}

/** Measures what `recoveryPoint` judges: the worst workload. Undefined if one of them cannot be measured. */
export function measureLoss(journal: readonly JournalEntry[], workload?: string): Measurement | undefined {
  const names = workload === undefined ? restoredWorkloads(journal) : [workload]
  const losses = names.map((name) => {
    const restored = newestRestored(journal, name)
    const loss = restored && lossOf(journal, restored)
    return typeof loss === 'object' ? loss : undefined
  })
  if (losses.includes(undefined)) return undefined
  return losses.reduce((worst, one) => ((one?.tookMs ?? 0) > (worst?.tookMs ?? -1) ? one : worst), undefined)
}

function judgeLoss(journal: readonly JournalEntry[], workload: string, atMostMs: number): Judgment {
  const restored = restoredOf(journal, workload)
  if ('verdict' in restored) return restored
  const loss = lossOf(journal, restored)
  if (typeof loss === 'string') return unknown(loss, restored.evidence)
  const { tookMs, from, to, lost } = loss
  const evidence = [...restored.evidence, lost].sort((a, b) => a - b)
  const found = `${nameOf(restored)} was taken ${longDuration(tookMs)} before the disaster (${from}, ${to})`
  return tookMs > atMostMs
    ? fail(`${found}, more than the allowed ${longDuration(atMostMs)}`, evidence)
    : pass(`${found}, within the allowed ${longDuration(atMostMs)}`, evidence)
}

/** Returns the newest snapshot of a workload that was restored, or why there is none. */
function restoredOf(journal: readonly JournalEntry[], workload: string): RestoredSnapshot | Judgment {
  const restored = newestRestored(journal, workload)
  if (restored !== undefined) return restored
  const attempts = recoveredRestores(journal).filter(({ restore }) => restore.image.workload === workload)
  const evidence = attempts.map(({ seq }) => seq)
  if (attempts.length === 0) return unknown(`workload "${workload}" was not restored after a recovery`)
  return fail(`no snapshot of "${workload}" was restored with every disk and with its content`, evidence)
}

/** Returns the time between a snapshot and the disaster of its site, or why it is unknown. */
function lossOf(
  journal: readonly JournalEntry[],
  { backups }: RestoredSnapshot,
): (Measurement & { readonly lost: number }) | string {
  const site = backups[0]?.site ?? '?'
  const lost = entriesOf(journal, 'fault').find(
    ({ fault, subject }) => fault === disaster && subject === `site ${site}`,
  )
  if (lost === undefined) return `the journal has no loss of site ${site}`
  const taken = backups.map(({ takenAt }) => takenAt).sort()
  const [from] = taken
  const { injectedAt: to, seq } = lost
  if (from === undefined || taken.includes(undefined) || to === undefined)
    return 'the journal does not have the times of the snapshot and of the disaster'
  const tookMs = Date.parse(to) - Date.parse(from)
  if (!(tookMs >= 0)) return `the snapshot was taken after the disaster (${from}, ${to})`
  return { tookMs, from, to, lost: seq }
}

const nameOf = ({ workload, snapshot }: RestoredSnapshot): string => `snapshot ${snapshot} of "${workload}"`
