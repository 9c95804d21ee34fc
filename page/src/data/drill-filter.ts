import type { DrillRow } from '../../../src/report/page/page-data.ts'

/** Which drills a list shows. */
export interface DrillFilter {
  /** Words that a drill must contain, in any order. */
  readonly text: string
  /** Tags that a drill must have. */
  readonly tags: readonly string[]
  /** Tags that a drill must not have. */
  readonly notTags: readonly string[]
  readonly node: string
  /** Empty for every outcome. */
  readonly outcomes: readonly string[]
}

const outcomeOrder = ['failed', 'unknown', 'not run', 'passed']

export function readFilter(parameters: URLSearchParams): DrillFilter {
  return {
    text: parameters.get('q') ?? '',
    tags: parameters.getAll('tag'),
    notTags: parameters.getAll('not'),
    node: parameters.get('node') ?? '',
    outcomes: parameters.getAll('outcome'),
  }
}

/** Returns the address of a list with this filter. */
export function filterLink({ text, tags, notTags, node, outcomes }: DrillFilter): string {
  const parameters = new URLSearchParams()
  if (text !== '') parameters.set('q', text)
  for (const tag of tags) parameters.append('tag', tag)
  for (const tag of notTags) parameters.append('not', tag)
  if (node !== '') parameters.set('node', node)
  for (const outcome of outcomes) parameters.append('outcome', outcome)
  const query = parameters.toString()
  return query === '' ? '#drills' : `#drills?${query}`
}

/** Returns the drills that pass a filter: failed first, else in the order of the run. */
export function filtered(rows: readonly DrillRow[], filter: DrillFilter): readonly DrillRow[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean)
  return rows
    .filter(
      (row) =>
        filter.tags.every((tag) => row.tags.includes(tag)) &&
        !filter.notTags.some((tag) => row.tags.includes(tag)) &&
        (filter.node === '' || row.nodes.includes(filter.node)) &&
        (filter.outcomes.length === 0 || filter.outcomes.includes(row.outcome)) &&
        words.every((word) => searchText(row).includes(word)),
    )
    .toSorted((one, other) => outcomeOrder.indexOf(one.outcome) - outcomeOrder.indexOf(other.outcome))
}

const texts = new WeakMap<DrillRow, string>()

function searchText(row: DrillRow): string {
  const known = texts.get(row)
  if (known !== undefined) return known
  const { name, feature, location, why = '', tags, nodes, steps, faults } = row
  const text = [name, feature, location, why, ...tags, ...nodes, ...steps, ...faults].join('\n').toLowerCase()
  texts.set(row, text)
  return text
}

/** Returns the filter in which a tag is required, then excluded, then ignored. */
export function withNextTagState(filter: DrillFilter, tag: string): DrillFilter {
  const without = {
    ...filter,
    tags: filter.tags.filter((one) => one !== tag),
    notTags: filter.notTags.filter((one) => one !== tag),
  }
  if (filter.tags.includes(tag)) return { ...without, notTags: [...without.notTags, tag] }
  if (filter.notTags.includes(tag)) return without
  return { ...without, tags: [...without.tags, tag] }
}

/** Returns all values of a list in the rows, most frequent first. */
export function frequentValues(rows: readonly DrillRow[], field: 'tags' | 'nodes'): readonly string[] {
  const counts = new Map<string, number>()
  for (const row of rows) for (const value of row[field]) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort(([a, one], [b, other]) => other - one || a.localeCompare(b)).map(([value]) => value)
}
