import type { FoundWorkload } from '../scan/found.ts'
import type { WorkloadJudgment } from './judge-workload.ts'
import { unnamedSecret } from './judged-chain.ts'
import type { WorkloadRow } from './workload-row.ts'

/** The secrets that restores need, compared with those that the user has. */
export interface SecretNeeds {
  /** By id. */
  readonly needed: readonly NeededSecret[]
  /** Files of `--secrets` that nothing of what was assessed needs. */
  readonly unused: readonly string[]
}

export interface NeededSecret {
  readonly id: string
  /** The names of the workloads that need it, or their ids. */
  readonly workloads: readonly string[]
  /** True if `--secrets` has a file for it. Undefined without `--secrets`. */
  readonly isProvided?: boolean
}

type RowOfSecrets = Pick<WorkloadRow, 'name' | 'workloadId' | 'secrets'>

/** The secrets of a workload. None if it needs none. */
export function rowOfSecrets(
  { workloadId, parts }: FoundWorkload,
  { images }: Pick<WorkloadJudgment, 'images'>,
): readonly RowOfSecrets[] {
  const name = parts.find(({ record }) => record !== undefined)?.record?.name
  const disks = images.filter(({ verdict }) => verdict.role === 'disk')
  const secrets = [...new Set(disks.flatMap(({ verdict }) => verdict.secrets))].sort()
  return secrets.length === 0 ? [] : [{ workloadId, secrets, ...(name !== undefined && { name }) }]
}

/** @param provided the ids of the secrets that the user has; undefined if none were passed */
export function secretNeeds(rows: readonly RowOfSecrets[], provided: readonly string[] | undefined): SecretNeeds {
  const pairs = rows.flatMap(({ name, workloadId, secrets }) => secrets.map((id) => ({ id, name: name ?? workloadId })))
  const byId = [...Map.groupBy(pairs, ({ id }) => id)].filter(([id]) => id !== unnamedSecret)
  const needed = byId
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, of]) => ({
      id,
      workloads: of.map(({ name }) => name),
      ...(provided !== undefined && { isProvided: provided.includes(id) }),
    }))
  return { needed, unused: (provided ?? []).filter((id) => !byId.some(([known]) => known === id)) }
}
