import { readFileSync } from 'node:fs'
import { program } from '../../image/program.ts'
import { noResult, objectsIn } from '../../shell/host-objects.ts'
import { programSucceeded, python } from '../../shell/python.ts'
import type { Argv, Shell } from '../../shell/shell.ts'
import { mountPointsModule } from '../mounts/mount-points.ts'
import type { NothingToUndo, UndoContext, UndoOutcome } from './action-kind.ts'

export interface RemoveDirectories {
  readonly kind: 'remove-directories'
  /** The deepest first. */
  readonly paths: readonly string[]
}

/** Unmounts an origin path if it shows what was bound: `of`, or what is at the local path now. */
export interface Unbind {
  readonly kind: 'unbind'
  readonly origin: string
  readonly local?: string
  /** File system, and folder of it. */
  readonly of?: string
}

type Step = RemoveDirectories | Unbind

const sourceOf = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')

const modules = {
  ...mountPointsModule,
  local_files: sourceOf('./local_files.py'),
  undo_mounts: sourceOf('./undo_mounts.py'),
}

/** In a private mount namespace, unmounting to look below changes nothing on the host. */
const inPrivateNamespace: Argv = ['unshare', '--mount', '--propagation', 'private', '--', ...python]

/** Removes directories and unmounts binds, in one program: a preview judges each step as if those before it were done. */
export async function undoMounts(
  shell: Shell,
  applied: readonly { readonly inverse: Step | NothingToUndo }[],
  { isPreview }: UndoContext,
): Promise<readonly UndoOutcome<never>[]> {
  const steps = applied.map(({ inverse }) => inverse)
  if (steps.every(({ kind }) => kind === 'nothing')) return steps.map(() => ({ state: 'already gone' }))
  const stdin = program(modules, { steps, isPreview })
  const command = isPreview ? inPrivateNamespace : python
  const { stdout } = programSucceeded(
    await shell.try(command, { stdin, captureBytes: 16 * 2 ** 20, maxOutputBytes: 16 * 2 ** 20 }),
  )
  const outcomes = objectsIn<UndoOutcome<never>>(shell.where, stdout, { state: 'string' })
  if (outcomes.length !== steps.length) throw noResult(shell.where, stdout)
  return outcomes
}
