import type { JournalEntry, Phase } from '../../journal/journal.ts'

/** The time of a recovery and of the restores after it, and where it went. */
export interface RecoveryClock {
  readonly tookMs: number
  /** ISO 8601, UTC: when the recovery began, and when the last restore ended. */
  readonly from: string
  readonly to: string
  /** `recover`, `hand over` if there was any, `restore`, and `between phases`, e.g. for a reboot. */
  readonly parts: readonly { readonly name: string; readonly tookMs: number }[]
  /** `seq` of the entries that it rests on. */
  readonly evidence: readonly number[]
}

/** The phases of a recovery, from its begin to the last restore. */
export const recoveryPhases = ['recover', 'hand over', 'restore'] as const satisfies readonly Phase[]

const isOfRecovery = ({ phase }: { readonly phase: Phase }): boolean => recoveryPhases.some((one) => one === phase)

interface Stretch {
  readonly phase: Phase
  readonly fromMs: number
  readonly tookMs: number
  readonly evidence: readonly number[]
}

/**
 * Measures a recovery. The clock starts when the recovery begins, and stops at the end of the last restores. Other phases of
 * a drill, such as bringing up a lab, do not count. Time between phases counts.
 * @param until `seq` of the entry that stops the clock. Default: the end of the last restore phase
 * @returns undefined if there was no recovery before that
 */
export function recoveryClock(journal: readonly JournalEntry[], until?: number): RecoveryClock | undefined {
  const lastRestore = journal.findLast((entry) => entry.kind === 'phase-ended' && entry.phase === 'restore')
  const stop = until === undefined ? lastRestore : journal.find(({ seq }) => seq === until)
  if (stop === undefined) return undefined
  const stretches = stretchesUntil(journal, stop)
  const begun = stretches.find(({ phase }) => phase === 'recover' || phase === 'hand over')
  if (begun === undefined) return undefined
  const { fromMs } = begun
  const toMs = Date.parse(stop.at)
  const parts = recoveryPhases.map((name) => {
    const own = stretches.filter(({ phase }) => phase === name)
    return { name, isPart: own.length > 0, tookMs: own.reduce((ms, one) => ms + one.tookMs, 0) }
  })
  const inPhasesMs = parts.reduce((ms, { tookMs }) => ms + tookMs, 0)
  const elsewhereMs = stretches
    .filter((one) => one.fromMs >= fromMs && !isOfRecovery(one))
    .reduce((ms, { tookMs }) => ms + tookMs, 0)
  // A clock that was set back must not make a recovery shorter than its phases, which have a clock of their own.
  const tookMs = Math.max(inPhasesMs, toMs - fromMs - elsewhereMs)
  const between = tookMs - inPhasesMs
  return {
    tookMs,
    from: new Date(fromMs).toISOString(),
    to: stop.at,
    parts: [
      ...parts.filter(({ isPart }) => isPart).map((one) => ({ name: one.name, tookMs: one.tookMs })),
      ...(between >= minShownMs ? [{ name: 'between phases', tookMs: between }] : []),
    ],
    evidence: stretches.filter(isOfRecovery).flatMap(({ evidence }) => evidence),
  }
}

/** Shorter times are those of writing the journal. */
const minShownMs = 100

/** Returns all stretches of phases until an entry. The last one may be cut by it. */
function stretchesUntil(journal: readonly JournalEntry[], stop: JournalEntry): readonly Stretch[] {
  const stretches: Stretch[] = []
  let open: (JournalEntry & { readonly kind: 'phase-started' }) | undefined
  for (const entry of journal) {
    if (entry.seq > stop.seq) break
    if (entry.kind === 'phase-started') open = entry
    if (entry.kind !== 'phase-ended') continue
    const { phase, durationMs: tookMs } = entry
    const evidence = open === undefined ? [entry.seq] : [open.seq, entry.seq]
    const fromMs = open === undefined ? Date.parse(entry.at) - tookMs : Date.parse(open.at)
    stretches.push({ phase, fromMs, tookMs, evidence })
    open = undefined
  }
  if (open === undefined) return stretches
  const fromMs = Date.parse(open.at)
  const tookMs = Math.max(0, Date.parse(stop.at) - fromMs)
  return [...stretches, { phase: open.phase, fromMs, tookMs, evidence: [open.seq] }]
}
