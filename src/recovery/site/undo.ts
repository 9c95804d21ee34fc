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

/** The result that undoing would have on one node, the last change first. */
export interface UndoPreview {
  readonly where: string
  readonly steps: readonly UndoneAction[]
  /** Why it is unknown what happens to some changes that were made under the node's name. */
  readonly unknown?: string
}

/**
 * Undoes all changes that any process made at the site, the last first. A change that cannot be undone does not keep the
 * others from it: it is kept, reported, and stays on record.
 * @throws MachineError if another recovery is running on one of the nodes, or nothing can be recorded
 */
export async function undo(hosts: SiteHosts, options: ChangeOptions): Promise<readonly NodeResult[]> {
  const { nodes, strangers } = concernedBy(hosts, options.records)
  await using locks = await lockNodes(nodes)
  // Another process may have undone it in the meantime.
  const open = openChangesIn(options.records.read(hosts.site))
  using record = options.records.begin(hosts.site, 'undo', options.nowMs)
  const undone = await onEachNode(
    nodes,
    async (node) => {
      const { where, shell } = node
      const error = locks.errors.get(where)
      if (error !== undefined) throw error
      const { host, changes, isElsewhere } = await changesOn(node, open)
      const steps = await undoEachAction(shell, changes?.actions ?? [], contextOf(options, false))
      for (const step of steps) if (step.state !== 'kept') reportStep(where, step, options)
      const left = leftOf(steps)
      if (changes !== undefined) record.append({ kind: 'undone', where, host, left })
      if (left.length === 0 && isElsewhere) throw madeElsewhere(where, options.records)
      return { steps, isKept: left.length > 0 }
    },
    options.signal,
  )
  const results = undone.map(({ where, value, error }): NodeResult => {
    if (value === undefined) return resultOf({ where, error }, undefined)
    const why = value.steps.find(({ state }) => state === 'kept')?.why ?? value.steps.find(({ note }) => note)?.note
    const done = value.steps.reduce((sum, { state, count }) => sum + (count ?? (state === 'kept' ? 0 : 1)), 0)
    return { where, state: value.isKept ? 'failed' : 'undone', done, ...(why !== undefined && { why }) }
  })
  return [...results, ...strangers.map((where): NodeResult => ({ where, state: 'unknown', done: 0, why: noSuchNode }))]
}

/**
 * Previews `undo` as things are on the nodes now. Changes nothing.
 * @throws MachineError if another recovery is running on one of the nodes
 */
export async function previewUndo(hosts: SiteHosts, options: ChangeOptions): Promise<readonly UndoPreview[]> {
  const { nodes, strangers } = concernedBy(hosts, options.records)
  await checkLocks(nodes)
  const open = openChangesIn(options.records.read(hosts.site))
  const looked = await onEachNode(
    nodes,
    async (node): Promise<UndoPreview> => {
      const { where, shell } = node
      const { changes, isElsewhere } = await changesOn(node, open)
      const steps = await undoEachAction(shell, changes?.actions ?? [], contextOf(options, true))
      return {
        where,
        steps: steps.filter(({ applied }) => applied.inverse.kind !== 'nothing'),
        ...(isElsewhere && { unknown: madeElsewhere(where, options.records).message }),
      }
    },
    options.signal,
  )
  return [
    ...looked.map(({ where, value, error }) => value ?? { where, steps: [], unknown: error?.message ?? '' }),
    ...strangers.map((where) => ({ where, steps: [], unknown: noSuchNode })),
  ]
}

/** True if undoing would change something, as far as is known. */
export function wouldChange({ steps, unknown }: UndoPreview): boolean {
  return unknown !== undefined || steps.some(({ state, count = 0 }) => state === 'undone' || count > 0)
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

/** The nodes where something was done: those of the site, and names that the site no longer has. */
function concernedBy({ site, nodes }: SiteHosts, records: Records) {
  const open = openChangesIn(records.read(site))
  const known = new Set(nodes.map(({ where }) => where))
  return {
    nodes: nodes.filter(({ where }) => open.has(where)),
    strangers: [...open.keys()].filter((where) => !known.has(where)),
  }
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
