import type { Shell, User } from '../../../shell/shell.ts'
import { renameParentNames } from '../../action/parent-renames.ts'
import type { Secrets } from '../../images/secrets.ts'
import { type FormatCounts, tooOldFor } from '../../node/qemu-version.ts'
import type { RenamePlan } from './plan-renames.ts'

interface CheckOptions {
  readonly user: User
  /** The first line of the node's `qemu-img --version`. Empty if it has none. */
  readonly qemuImg: string
  readonly formats: FormatCounts
  readonly secrets?: Secrets
  readonly signal?: AbortSignal
}

/**
 * Checks on the node that will do it which renames it can do: whether it has a qemu-img that opens all images, and whether
 * each image can be written and has room for its new name. Changes nothing.
 */
export async function checkRenames(
  { where, shell }: { readonly where: string; readonly shell: Shell },
  plan: RenamePlan,
  { qemuImg, formats, ...options }: CheckOptions,
): Promise<RenamePlan> {
  if (plan.renames.length === 0) return plan
  const [lacks] = qemuImg === '' ? ['qemu-img is not installed'] : tooOldFor(qemuImg, formats)
  if (lacks !== undefined) return { renames: [], refused: [...plan.refused, { path: where, why: lacks, kind: 'qemu' }] }
  const outcomes = await renameParentNames(shell, plan.renames, { ...options, concurrency: 4, isDryRun: true })
  const bad = outcomes.filter(({ state }) => state === 'refused' || state === 'failed')
  const refused = new Set(bad.map(({ path }) => path))
  return {
    renames: plan.renames.filter(({ path }) => !refused.has(path)),
    refused: [
      ...plan.refused,
      ...bad.map(({ path, state, why = state, kind }) => ({ path, why, ...(kind && { kind }) })),
    ],
  }
}
