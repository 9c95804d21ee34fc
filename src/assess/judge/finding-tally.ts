import { byName } from './by-name.ts'
import type { Subject } from './subject.ts'
import {
  type FindingCode,
  type FindingExample,
  type FindingSummary,
  findingKinds,
  type Severity,
  type TargetFinding,
} from './target-finding.ts'

const maxExamples = 5
const severities: readonly Severity[] = ['error', 'warning', 'note']

interface Count {
  count: number
  restores: number
  consequences: number
  readonly examples: FindingExample[]
  readonly examplesOfConsequences: FindingExample[]
}

/** Counts findings, and keeps the first few of each kind: there may be a million. */
export class FindingTally {
  readonly #counts = new Map<FindingCode, Count>()

  /** @param subject the names of what it is about, for an example */
  add({ code, ...finding }: TargetFinding, subject: () => Subject = () => ({})): void {
    const known = this.#of(code)
    const isConsequence = finding.followsFrom !== undefined
    known.count++
    if (isConsequence) known.consequences++
    const examples = isConsequence ? known.examplesOfConsequences : known.examples
    if (examples.length < maxExamples) examples.push({ ...finding, ...subject() })
  }

  /** A restore fails, or is uncertain, because of a finding that is added as well. */
  addRestore(code: FindingCode): void {
    this.#of(code).restores++
  }

  has(code: FindingCode): boolean {
    return (this.#counts.get(code)?.count ?? 0) > 0
  }

  /** The most severe first, among these those that affect most restores. */
  list(): readonly FindingSummary[] {
    const rank = (one: FindingSummary) => severities.indexOf(one.severity)
    return [...this.#counts]
      .filter(([, { count }]) => count > 0)
      .map(([code, { examplesOfConsequences, examples, ...counts }]) => ({
        code,
        ...findingKinds[code],
        ...counts,
        examples: [...sorted(examples), ...sorted(examplesOfConsequences)].slice(0, maxExamples),
      }))
      .sort((a, b) => rank(a) - rank(b) || b.restores - a.restores || b.count - a.count || (a.code < b.code ? -1 : 1))
  }

  #of(code: FindingCode): Count {
    const fresh: Count = { count: 0, restores: 0, consequences: 0, examples: [], examplesOfConsequences: [] }
    const known = this.#counts.get(code) ?? fresh
    this.#counts.set(code, known)
    return known
  }
}

function sorted(examples: readonly FindingExample[]): readonly FindingExample[] {
  const nameOf = ({ workload = '', snapshot = '', vm = '', disk = '' }: FindingExample) =>
    [workload, snapshot, vm, disk].join(' ')
  return examples.toSorted((a, b) => byName(nameOf(a), nameOf(b)))
}
