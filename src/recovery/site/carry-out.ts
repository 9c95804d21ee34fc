import { DrillError, MachineError } from '../../errors.ts'
import { ShellError } from '../../shell/shell.ts'
import { counted } from '../../text/plural.ts'
import { apply } from '../action/apply.ts'
import { checkActions } from '../action/check-actions.ts'
import { type Action, type AppliedAction, kindOf } from '../action/kinds.ts'
import { undoEachAction } from '../action/undo-actions.ts'
import type { ChangeOptions } from './change-options.ts'
import { type HostResult, onEachNode } from './each-node.ts'
import { hostIdentity } from './host-identity.ts'
import type { RecoveryPlan } from './recovery-plan.ts'
import { openChangesIn, type RecoveryRecord } from './recovery-records.ts'
import type { SiteNode } from './site-hosts.ts'

/**
 * Tries the actions of a plan on all nodes, as far as that changes nothing.
 * @returns why something is refused on a node. Undefined for a node where nothing is.
 */
export function checkPlanned(
  nodes: readonly SiteNode[],
  plan: RecoveryPlan,
  { concurrency, secrets, signal }: ChangeOptions,
): Promise<readonly HostResult<string | undefined>[]> {
  return onEachNode(
    nodes,
    async ({ where, shell }) => {
      const context = { concurrency, signal, ...(secrets && { secrets }) }
      const [first, ...more] = await checkActions(shell, actionsOn(plan, where), context)
      return first && `${first.why}${more.length === 0 ? '' : ` (and ${more.length} more)`}`
    },
    signal,
  )
}

/**
 * Carries the actions of a plan out on one node. If one fails there, those that were begun are undone.
 * @returns how many changes were made
 */
export async function carryOut(
  { where, shell }: SiteNode,
  plan: RecoveryPlan,
  record: RecoveryRecord,
  options: ChangeOptions,
): Promise<number> {
  const { signal, report, concurrency, secrets } = options
  const unknown = plan.unknown.find((one) => one.where === where)
  if (unknown !== undefined) throw new MachineError('node-unknown', unknown.why)
  const actions = actionsOn(plan, where)
  if (actions.length === 0) return 0
  const host = await hostIdentity(shell)
  record.append({ kind: 'host', where, host })
  const begun: AppliedAction[] = []
  const onAction = (applied: AppliedAction, state: 'begun' | 'done') => {
    if (state === 'begun') {
      record.append({ kind: 'action', applied })
      begun.push(applied)
    } else {
      record.append({ kind: 'done', where, action: applied.action.kind })
      report(where, doneLine(applied))
    }
    signal.throwIfAborted()
  }
  const onProgress = (line: string) => report(where, line)
  try {
    await apply(shell, actions, onAction, { concurrency, signal, onProgress, ...(secrets && { secrets }) })
  } catch (error) {
    signal.throwIfAborted()
    // Without a connection, nothing can be undone either.
    if (!(error instanceof DrillError) || error instanceof ShellError) throw error
    const undone = await undoBegun({ where, shell }, begun, options, () => {
      const open = openChangesIn(options.records.read(plan.site))
        .get(where)
        ?.find((one) => one.host === host)
      // Changes of earlier recoveries stay.
      const left = open?.actions.slice(0, -begun.length) ?? []
      record.append({ kind: 'undone', where, host, left })
    })
    throw new DrillError(error.blame, error.code, `${error.message}. ${undone}`, { cause: error })
  }
  return begun.reduce((count, { action, before }) => {
    const kind = kindOf(action)
    return count + (kind.wasDone(before) ? 0 : kind.parts(action).length)
  }, 0)
}

/** @returns a sentence about what was undone, as the node and its images show it */
async function undoBegun(
  { shell }: SiteNode,
  begun: readonly AppliedAction[],
  { concurrency, signal, secrets }: ChangeOptions,
  onUndone: () => void,
): Promise<string> {
  if (begun.length === 0) return 'Nothing was changed there.'
  try {
    const context = { isPreview: false, concurrency, signal, ...(secrets && { secrets }) }
    const steps = await undoEachAction(shell, begun, context)
    const kept = steps.filter(({ state }) => state === 'kept')
    const count = steps.reduce((sum, { state, count }) => sum + (count ?? (state === 'undone' ? 1 : 0)), 0)
    const changes = `${counted(count, 'change')} undone`
    const [first] = kept
    if (first !== undefined) return `Undo is not complete: ${changes}. Kept: ${first.why}. Run recover --undo.`
    onUndone()
    return count === 0 ? 'Nothing was changed there.' : `Undo is complete: ${changes} there.`
  } catch (error) {
    signal.throwIfAborted()
    return `Undo was not possible: ${(error as Error).message}. Run recover --undo.`
  }
}

function actionsOn({ nodes }: RecoveryPlan, where: string): readonly Action[] {
  return nodes.find((node) => node.where === where)?.actions ?? []
}

function doneLine({ action, before }: AppliedAction): string {
  const kind = kindOf(action)
  return `${kind.wasDone(before) ? 'already done' : 'done'}: ${kind.sentence(action)}`
}
