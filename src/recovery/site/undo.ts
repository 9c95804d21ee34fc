import { MachineError } from '../../errors.ts'
import { type AppliedAction, kindOf } from '../action/kinds.ts'
import { type UndoneAction, undoEachAction } from '../action/undo-actions.ts'
import type { ChangeOptions } from './change-options.ts'
import { onEachNode } from './each-node.ts'
import { hostIdentity } from './host-identity.ts'
import { checkLocks, lockNodes } from './lock.ts'
import { type NodeResult, resultOf } from './node-result.ts'
import { type OpenChanges, openChangesIn, type Records } from './recovery-records.ts'
import type { SiteHosts, SiteNode } from './site-hosts.ts'
import { tracesOn } from './traces.ts'

/** The result that undoing would have on one node, the last change first. */
export interface UndoPreview {
  readonly where: string
  readonly steps: readonly UndoneAction[]
  /** True if changes were recorded under the node's name, and are not undone. */
  readonly isOnRecord: boolean
  /** The recovery whose lock would be removed. */
  readonly lockOf?: string
  /** Why it is unknown what happens to some changes that were made there. */
  readonly unknown?: string
}

/**
 * Undoes all changes that any process made at the site, the last first, and removes locks of recoveries that have ended. A
 * change that cannot be undone does not keep the others from it: it is kept, reported, and stays on record. Nodes without a
 * record are looked at, because it may be on another machine.
 * @returns a result for each node where something was undone, or where it is not certain that nothing is left
 * @throws MachineError if another recovery holds the lock of one of the nodes, or nothing can be recorded
 */
export async function undo(hosts: SiteHosts, options: ChangeOptions): Promise<readonly NodeResult[]> {
  await using locks = await lockNodes(hosts.nodes, options.report)
  // Another process may have undone it in the meantime.
  const open = openChangesIn(options.records.read(hosts.site))
  using record = open.size === 0 ? undefined : options.records.begin(hosts.site, 'undo', options.nowMs)
  const undone = await onEachNode(
    hosts.nodes,
    async (node): Promise<NodeResult | undefined> => {
      const { where, shell } = node
      const error = locks.errors.get(where)
      if (error !== undefined) throw error
      if (!open.has(where)) return await resultWithoutRecord(node, hosts, locks.leftBehind.has(where))
      const { host, changes, isElsewhere } = await changesOn(node, open)
      const steps = await undoEachAction(shell, changes?.actions ?? [], contextOf(options, false))
      for (const step of steps) if (step.state !== 'kept') reportStep(where, step, options)
      const left = leftOf(steps)
      if (changes !== undefined) record?.append({ kind: 'undone', where, host, left })
      if (left.length === 0 && isElsewhere) throw madeElsewhere(where, options.records)
      const why = steps.find(({ state }) => state === 'kept')?.why ?? steps.find(({ note }) => note)?.note
      const done = steps.reduce((sum, { state, count }) => sum + (count ?? (state === 'undone' ? 1 : 0)), 0)
      return { where, state: left.length > 0 ? 'failed' : 'undone', done, ...(why !== undefined && { why }) }
    },
    options.signal,
  )
  return [
    ...undone.flatMap(({ where, value, error }) =>
      error === undefined ? (value ?? []) : resultOf({ where, error: notLookedAt(error, open.has(where)) }, undefined),
    ),
    ...strangersIn(open, hosts).map((where): NodeResult => ({ where, state: 'unknown', done: 0, why: noSuchNode })),
  ]
}

/** The result of a node that no change is on record for. Undefined if nothing of a recovery is found there. */
async function resultWithoutRecord(
  { where, shell }: SiteNode,
  { targets }: SiteHosts,
  hadLock: boolean,
): Promise<NodeResult | undefined> {
  const traces = await tracesOn(shell, targets)
  if (traces.length > 0) return { where, state: 'unknown', done: 0, why: withoutRecord(traces) }
  return hadLock
    ? { where, state: 'undone', done: 0, why: 'the lock of a recovery that has ended was removed' }
    : undefined
}

/**
 * Previews `undo` as things are on the nodes now. Changes nothing.
 * @throws MachineError if another recovery holds the lock of one of the nodes
 */
export async function previewUndo(hosts: SiteHosts, options: ChangeOptions): Promise<readonly UndoPreview[]> {
  const locks = await checkLocks(hosts.nodes)
  const open = openChangesIn(options.records.read(hosts.site))
  const looked = await onEachNode(
    hosts.nodes,
    async (node): Promise<UndoPreview> => {
      const { where, shell } = node
      const lockOf = locks.get(where)
      const isOnRecord = open.has(where)
      const about = { where, isOnRecord, ...(lockOf !== undefined && { lockOf }) }
      if (!isOnRecord) {
        const traces = await tracesOn(shell, hosts.targets)
        return { ...about, steps: [], ...(traces.length > 0 && { unknown: withoutRecord(traces) }) }
      }
      const { changes, isElsewhere } = await changesOn(node, open)
      const steps = await undoEachAction(shell, changes?.actions ?? [], contextOf(options, true))
      return {
        ...about,
        steps: steps.filter(({ applied }) => applied.inverse.kind !== 'nothing'),
        ...(isElsewhere && { unknown: madeElsewhere(where, options.records).message }),
      }
    },
    options.signal,
  )
  const previews = looked.map(({ where, value, error }): UndoPreview => {
    if (value !== undefined) return value
    const isOnRecord = open.has(where)
    return { where, steps: [], isOnRecord, unknown: notLookedAt(error, isOnRecord).message }
  })
  return [
    ...previews.filter((one) => one.isOnRecord || one.unknown !== undefined || one.lockOf !== undefined),
    ...strangersIn(open, hosts).map((where) => ({ where, steps: [], isOnRecord: true, unknown: noSuchNode })),
  ]
}

/** True if undoing would change something that was seen on the node. */
export function hasToUndo({ steps, lockOf }: UndoPreview): boolean {
  return lockOf !== undefined || steps.some(({ state, count = 0 }) => state === 'undone' || count > 0)
}

/** True if undoing may change something. */
export function wouldChange(preview: UndoPreview): boolean {
  return hasToUndo(preview) || (preview.isOnRecord && preview.unknown !== undefined)
}

/** True if undoing would keep something. */
export function wouldKeep({ steps }: UndoPreview): boolean {
  return steps.some(({ state }) => state === 'kept')
}

function contextOf({ concurrency, signal, secrets }: ChangeOptions, isPreview: boolean) {
  return { isPreview, concurrency, signal, ...(secrets && { secrets }) }
}

function reportStep(where: string, step: UndoneAction, { report }: ChangeOptions): void {
  if (step.applied.inverse.kind === 'nothing') return
  report(where, `${step.state}: ${kindOf(step.applied.action).undoSentence(step.applied, step)}`)
}

/** The actions that are kept, in the order in which they were done. */
function leftOf(steps: readonly UndoneAction[]): readonly AppliedAction[] {
  const kept = steps.filter(({ state }) => state === 'kept')
  return kept.map(({ applied, left }) => (left === undefined ? applied : { ...applied, action: left })).toReversed()
}

/** Names with changes on record that the site no longer has. */
function strangersIn(open: ReadonlyMap<string, unknown>, { nodes }: SiteHosts): readonly string[] {
  const known = new Set(nodes.map(({ where }) => where))
  return [...open.keys()].filter((where) => !known.has(where))
}

const withoutRecord = (traces: readonly string[]): string =>
  `${traces.join('; ')}, and no record on this machine has it (--records)`

/** No record is on this machine, and that proves nothing of a node. */
function notLookedAt(error: Error, isOnRecord: boolean): Error {
  if (isOnRecord) return error
  return new MachineError(
    'not-looked-at',
    `no change is on record for it, and it cannot be looked at: ${error.message}`,
    {
      cause: error,
    },
  )
}

const noSuchNode = 'changes are on record for it, but the site has no such node'

/** The changes that were made on the very host that the node is, and whether others of its name have more. */
async function changesOn({ where, shell }: SiteNode, open: ReadonlyMap<string, readonly OpenChanges[]>) {
  const host = await hostIdentity(shell)
  const all = open.get(where) ?? []
  const changes = all.find((other) => other.host === host)
  return { host, ...(changes && { changes }), isElsewhere: all.some((other) => other !== changes) }
}

/** They were made in a lab, or before the host was reinstalled. The same names are not ours now. */
function madeElsewhere(where: string, { folder }: Records): MachineError {
  return new MachineError('another-host', `${where}: changes on another host of this name are left alone`, {
    remedy: `If that host no longer exists, remove its records from ${folder}.`,
  })
}
