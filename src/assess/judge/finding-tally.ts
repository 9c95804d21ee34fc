import {
  type FindingCode,
  type FindingSummary,
  findingKinds,
  type Severity,
  type TargetFinding,
} from './target-finding.ts'

const maxExamples = 5
const severities: readonly Severity[] = ['error', 'warning', 'note']

/** Counts findings, and keeps the first few of each kind: there may be a million. */
export class FindingTally {
  readonly #counts = new Map<FindingCode, { count: number; examples: FindingSummary['examples'][number][] }>()

  add({ code, where, message }: TargetFinding): void {
    const known = this.#counts.get(code) ?? { count: 0, examples: [] }
    known.count++
    if (known.examples.length < maxExamples) known.examples.push({ where, message })
    this.#counts.set(code, known)
  }

  has(code: FindingCode): boolean {
    return this.#counts.has(code)
  }

  /** The gravest first, of those the most frequent. */
  list(): readonly FindingSummary[] {
    const rank = (one: FindingSummary) => severities.indexOf(one.severity)
    return [...this.#counts]
      .map(([code, { count, examples }]) => ({ code, ...findingKinds[code], count, examples }))
      .sort((a, b) => rank(a) - rank(b) || b.count - a.count || (a.code < b.code ? -1 : 1))
  }
}
