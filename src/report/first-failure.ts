import { basename } from 'node:path'
import { retriedDrills } from '../journal/attempts.ts'
import type { JournalEntry, RestoreRecord } from '../journal/journal.ts'
import { invocation } from '../localhost/invocation.ts'
import { duration } from '../text/duration.ts'
import { timesOf } from '../verdict/claim/phase-times.ts'
import { recoveryPhases } from '../verdict/claim/recovery-clock.ts'
import { nameOfRestore } from '../verdict/claim/restore-entries.ts'
import { mountTable } from '../verdict/observation/node-facts.ts'
import { entriesOf } from '../verdict/question.ts'
import { failedStep } from './failed-step.ts'
import { isObjective } from './measured-objectives.ts'

type Command = Extract<JournalEntry, { readonly kind: 'command' }>

/** The first failure of a run with all that explains it. */
export interface Failure {
  readonly scenario: string
  readonly location: string
  /** True if people did the recovery: the run of a scenario cannot repeat it. */
  readonly isExercise?: true
  readonly step?: string
  readonly why: string
  readonly remedy?: string
  /** The command that explains it. Undefined if the journal has none. */
  readonly command?: Command
  /** Where the time of a missed objective went: phases, and the slowest restores. */
  readonly times?: readonly string[]
  readonly mountTable?: { readonly where: string; readonly lines: readonly string[] }
}

/** Returns the first failure in a journal. Undefined if nothing failed. */
export function firstFailure(entries: readonly JournalEntry[]): Failure | undefined {
  const retried = retriedDrills(entries)
  const ended = entries.find(
    (entry) =>
      entry.kind === 'drill-ended' &&
      (entry.outcome === 'failed' || entry.outcome === 'unknown') &&
      !retried.has(entry.drill ?? ''),
  )
  return ended?.drill === undefined ? undefined : failureOfDrill(entries, ended.drill)
}

/** Returns what explains why a drill failed or could not be judged. Undefined for another outcome. */
export function failureOfDrill(entries: readonly JournalEntry[], drill: string): Failure | undefined {
  const ended = entries.findLast((entry) => entry.kind === 'drill-ended' && entry.drill === drill)
  if (ended?.kind !== 'drill-ended' || ended.outcome === 'passed' || ended.outcome === 'not run') return undefined
  const own = entries.filter((entry) => entry.drill === ended.drill)
  const started = own.find((entry) => entry.kind === 'drill-started')
  const error = own.find((entry) => entry.kind === 'error')
  const bad = own.find((entry) => entry.kind === 'finding' && entry.finding.verdict !== 'pass')
  const at = (bad ?? error ?? ended).seq
  const nodes = nodesOf(entries, bad)
  const restores = restoresOf(entries, bad)
  const failedRestore = restores.find(({ outcome }) => outcome === 'failed')
  // Restores that succeeded have no command that would explain the finding, e.g. that they were slow.
  const isMissed = bad?.kind === 'finding' && isObjective(bad.finding.question)
  const isExplained = !isMissed && (restores.length === 0 || failedRestore !== undefined)
  const command = isExplained ? commandOf(own, at, nodes, failedRestore?.id) : undefined
  const where = isMissed ? undefined : (command?.where ?? nodes[0])
  const table = where === undefined ? undefined : lastMountTable(own, where)
  const step = failedStep(
    entries.filter(({ seq }) => seq < ended.seq),
    started?.location ?? '',
  )
  return {
    scenario: started?.name ?? '?',
    location: started?.location ?? '?',
    ...(own.some(({ kind }) => kind === 'exercise') ? { isExercise: true as const } : {}),
    ...(step === undefined ? {} : { step }),
    why: ended.why ?? 'it failed',
    ...(error?.remedy === undefined ? {} : { remedy: error.remedy }),
    ...(command === undefined ? {} : { command }),
    ...(table === undefined ? {} : { mountTable: table }),
    ...(isMissed ? { times: timesOfDrill(own) } : {}),
  }
}

const maxSlowest = 3

function timesOfDrill(own: readonly JournalEntry[]): readonly string[] {
  const phases = [...timesOf(own)].filter(([phase]) => recoveryPhases.some((one) => one === phase))
  const restores = entriesOf(own, 'restore').map(({ restore }) => restore)
  const slowest = restores.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, maxSlowest)
  return [
    ...phases.map(([phase, ms]) => `${phase}: ${duration(ms)}`),
    ...slowest.map((restore) => `slowest: ${nameOfRestore(restore)}: ${duration(restore.durationMs)}`),
  ]
}

/** Returns the nodes in the evidence of a finding. For a restore, the node where it failed comes first. */
function nodesOf(entries: readonly JournalEntry[], finding: JournalEntry | undefined): readonly string[] {
  if (finding?.kind !== 'finding') return []
  return finding.finding.evidence.flatMap((seq) => {
    const entry = entries[seq - 1]
    if (entry?.kind === 'observation') return [entry.where]
    if (entry?.kind !== 'restore') return []
    const { reason, node, sizedOn } = entry.restore
    return [...new Set([reason?.node ?? node, node, sizedOn])]
  })
}

/** Returns the restores in the evidence of a finding. */
function restoresOf(entries: readonly JournalEntry[], finding: JournalEntry | undefined): readonly RestoreRecord[] {
  if (finding?.kind !== 'finding') return []
  return finding.finding.evidence.flatMap((seq) => {
    const entry = entries[seq - 1]
    return entry?.kind === 'restore' ? [entry.restore] : []
  })
}

/**
 * Returns the last command before a finding that did not succeed, or else the last one: of the restore, if one is named;
 * else on the nodes, if there are any; else anywhere.
 */
function commandOf(
  own: readonly JournalEntry[],
  at: number,
  nodes: readonly string[],
  restoreId: string | undefined,
): Command | undefined {
  const before = own.filter((entry): entry is Command => entry.kind === 'command' && entry.seq < at)
  const ofRestore = before.filter((command) => restoreId !== undefined && command.restoreId === restoreId)
  const there = nodes.length === 0 ? before : before.filter(({ where }) => nodes.some((node) => isAt(where, node)))
  const candidates = ofRestore.length > 0 ? ofRestore : there
  return candidates.findLast(({ exitCode }) => exitCode !== 0) ?? candidates.at(-1)
}

function lastMountTable(own: readonly JournalEntry[], node: string): Failure['mountTable'] {
  const found = own.findLast(
    (entry) => entry.kind === 'observation' && entry.subject === mountTable.subject && isAt(entry.where, node),
  )
  if (found?.kind !== 'observation') return undefined
  const lines = Array.isArray(found.facts) ? found.facts.map(showLine) : showLine(found.facts).split('\n')
  return { where: found.where, lines }
}

function showLine(fact: unknown): string {
  return typeof fact === 'string' ? fact : JSON.stringify(fact)
}

/** True for two names of one node: `recovery/compute-1` and `compute-1`. */
function isAt(where: string, node: string): boolean {
  return where === node || where.endsWith(`/${node}`) || node.endsWith(`/${where}`)
}

/** Describes a failure for a terminal or a block of Markdown. */
export function describeFailure(failure: Failure): string {
  const { scenario, location, step, why, remedy, command, mountTable: table, times } = failure
  const lines = [`${scenario}  (${location})`]
  if (step !== undefined) lines.push(`  ${step}`)
  lines.push('', ...indent(why))
  if (remedy !== undefined) lines.push(...indent(remedy))
  if (command !== undefined) {
    const user = command.user === undefined ? '' : ` as ${command.user.uid}:${command.user.gid}`
    const inside = command.mountNamespace === undefined ? '' : ` in the mount namespace ${command.mountNamespace}`
    const how = command.exitCode === null ? command.ended : `exit code ${command.exitCode}`
    lines.push(
      '',
      `On ${command.where}${user}${inside} (${how}, ${Math.round(command.durationMs)} ms):`,
      ...indent(command.command),
    )
    const output = [command.stdout, command.stderr].map((text) => text.trimEnd()).filter((text) => text !== '')
    lines.push(...output.flatMap((text) => indent(lastLines(text, 20))))
  }
  if (times !== undefined) lines.push('', 'Where the time went:', ...indent(times.join('\n')))
  if (table !== undefined) lines.push('', `Mounted on ${table.where}:`, ...indent(table.lines.join('\n')))
  if (failure.isExercise) lines.push('', 'To practice on it:', `  ${invocation} lab up --break ${exerciseAt(location)}`)
  else lines.push('', 'To look inside:', `  ${invocation} run ${location} --keep-lab`)
  return lines.join('\n')
}

/** The name of the exercise at a place, e.g. `ours` for `exercises/ours.feature:6`. */
const exerciseAt = (location: string): string => basename(location.replace(/:\d+$/, ''), '.feature')

function indent(text: string): string[] {
  return text.split('\n').map((line) => (line === '' ? '' : `  ${line}`))
}

/** Longer lines are cut: some programs print without line breaks. */
const maxLineChars = 2000

function lastLines(text: string, count: number): string {
  const cut = (line: string): string =>
    line.length > maxLineChars
      ? `${line.slice(0, maxLineChars)} [${line.length - maxLineChars} more characters are in journal.ndjson]`
      : line
  return text.split('\n').slice(-count).map(cut).join('\n')
}
