import { counted, listed } from '../../text/plural.ts'
import type { AssessmentSummary } from '../judge/assessment-summary.ts'
import type { NeededSecret, SecretNeeds } from '../judge/secret-needs.ts'
import { nameText } from './lines.ts'

const maxNames = 3

/** Rows of facts: the secrets that restores need, those that `--secrets` lacks first, and what nothing needs. */
export function secretFacts(
  { secrets, workloads }: Pick<AssessmentSummary, 'secrets' | 'workloads'>,
  isAll = false,
): readonly (readonly [string, string])[] {
  const { needed, unused } = secrets
  const encrypted = workloads.filter((row) => row.secrets.length > 0)
  if (needed.length === 0 && unused.length === 0 && encrypted.length === 0) return []
  const max = isAll ? Number.POSITIVE_INFINITY : maxNames
  const names = encrypted.map(({ name, workloadId }) => name ?? workloadId)
  const sorted = needed.toSorted((a, b) => Number(a.isProvided ?? false) - Number(b.isProvided ?? false))
  const rest = sorted.length - max
  return [
    [
      'Secrets',
      encrypted.length === 0 ? 'none needed' : `${needed.length} needed, for ${listed(names.map(nameText), max)}`,
    ],
    ...sorted.slice(0, max).map((one) => ['', sentence(one)] as const),
    ...(rest > 0 ? [['', `${rest} more (--all lists them)`] as const] : []),
    ...(unused.length > 0 ? [['', `not needed: ${listed(unused.map(nameText), max)}`] as const] : []),
  ]
}

function sentence({ id, workloads, isProvided }: NeededSecret): string {
  const missing = isProvided === false ? ', missing from --secrets' : ''
  return `${nameText(id)} for ${listed(workloads.map(nameText), maxNames)}${missing}`
}

/** A warning for standard error before content is read for hours: the disks that will be unknown. */
export function missingSecrets({ needed }: SecretNeeds): string {
  const missing = needed.filter(({ isProvided }) => isProvided !== true)
  const lines = missing.map(
    ({ id, workloads }) => `  ${nameText(id)} of ${listed(workloads.map(nameText), maxNames)}\n`,
  )
  const what = counted(missing.length, 'secret is missing. Its', 'secrets are missing. Their')
  return missing.length === 0 ? '' : `${what} disks will be unknown:\n${lines.join('')}`
}
