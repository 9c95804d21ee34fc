import { DrillError } from '../../errors.ts'
import type { Shell } from '../../shell/shell.ts'
import { type Action, type Inverse, inverse, type StateBefore, sentence } from './actions.ts'
import { bindAt, lookAtBind, lookForDirectory } from './bind.ts'
import { keep, lookAtFstab } from './keep.ts'
import { parentDirectories } from './paths.ts'

/** An action that cannot be done as things are on the node. Nothing was changed by it. */
export class RefusalError extends DrillError {
  readonly where: string
  readonly why: string

  constructor(where: string, action: Action, why: string) {
    super('failure', 'refused', `${where}: cannot ${sentence(action)}: ${why}`)
    this.name = 'RefusalError'
    this.where = where
    this.why = why
  }
}

/** What was done to a node, and how it is taken back. */
export interface AppliedAction {
  readonly where: string
  readonly action: Action
  readonly before: StateBefore
  readonly inverse: Inverse
}

/**
 * Carries actions out on a node, one after another. `onAction` is told before each one what was there, so that it can
 * be taken back whatever happens then, and again when it was done.
 *
 * @throws RefusalError, CommandError: the actions before it were done, the ones after it were not
 */
export async function apply(
  shell: Shell,
  actions: readonly Action[],
  onAction: (applied: AppliedAction, state: 'begun' | 'done') => void,
): Promise<void> {
  for (const action of actions) {
    const before = await look(shell, action)
    const applied = { where: shell.where, action, before, inverse: inverse(action, before) }
    onAction(applied, 'begun')
    await carryOut(shell, action, before)
    onAction(applied, 'done')
  }
}

/** What is there, and whether the action may be done at all. */
async function look(shell: Shell, action: Action): Promise<StateBefore> {
  switch (action.kind) {
    case 'make-directory': {
      const { why, ...before } = await lookForDirectory(shell, action.path)
      if (why !== undefined) throw new RefusalError(shell.where, action, why)
      return before
    }
    case 'bind': {
      // Bound now, it would show the empty directory below the share, and go on to do so once the share is mounted.
      const { local, origin, why } = await lookAtBind(shell, action)
      if (why !== undefined) throw new RefusalError(shell.where, action, why)
      // A recovery that was interrupted is carried out again from the start; fstab may have bound it meanwhile.
      return origin === local ? { present: true } : { of: local }
    }
    case 'persist': {
      const keeping = await lookAtFstab(shell, action)
      if (keeping.state === 'refused') throw new RefusalError(shell.where, action, keeping.why)
      if (keeping.state === 'present') return { present: true }
      return keeping.isCutShort ? { isCutShort: true } : {}
    }
  }
}

async function carryOut(shell: Shell, action: Action, before: StateBefore): Promise<void> {
  switch (action.kind) {
    case 'make-directory':
      // Whatever root's umask is, the product's user has to get through. Synced, or a power cut could take the directory
      // and leave the line in fstab that needs it. Where the share is bound there already, root may not even open it, and
      // only the levels above are this node's own.
      await shell.run({
        script: 'umask 022; mkdir -p -- "$1"; if mountpoint -q -- "$1"; then shift; fi; sync -- "$@"',
        args: [action.path, ...parentDirectories(action.path)],
      })
      return
    case 'bind': {
      if (before.present === true) return
      const refusal = await bindAt(shell, action)
      if (refusal !== undefined) throw new RefusalError(shell.where, action, refusal)
      return
    }
    case 'persist': {
      if (before.present === true) return
      const refusal = await keep(shell, action)
      if (refusal !== undefined) throw new RefusalError(shell.where, action, refusal)
    }
  }
}
