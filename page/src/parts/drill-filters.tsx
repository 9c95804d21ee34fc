import { type DrillFilter, withNextTagState } from '../data/drill-filter.ts'

const outcomes = ['failed', 'unknown', 'not run', 'passed']
const maxTags = 30

/** Search and filters. `onChange` receives the next filter. */
export function DrillFilters({
  filter,
  tags,
  nodes,
  onChange,
}: {
  readonly filter: DrillFilter
  readonly tags: readonly string[]
  readonly nodes: readonly string[]
  readonly onChange: (next: DrillFilter) => void
}) {
  const change = (next: DrillFilter): void => {
    onChange(next)
    // The address was replaced, which is no event of its own.
    window.dispatchEvent(new HashChangeEvent('hashchange'))
  }
  return (
    <search class="filters">
      <label>
        Search
        <input
          type="search"
          value={filter.text}
          placeholder="name, step, tag, reason"
          onInput={(event) => change({ ...filter, text: event.currentTarget.value })}
        />
      </label>
      <fieldset>
        <legend>Outcome</legend>
        {outcomes.map((outcome) => (
          <label key={outcome}>
            <input
              type="checkbox"
              checked={filter.outcomes.includes(outcome)}
              onChange={(event) =>
                change({
                  ...filter,
                  outcomes: event.currentTarget.checked
                    ? [...filter.outcomes, outcome]
                    : filter.outcomes.filter((one) => one !== outcome),
                })
              }
            />
            {outcome}
          </label>
        ))}
      </fieldset>
      {nodes.length > 0 && (
        <label>
          Node
          <select value={filter.node} onChange={(event) => change({ ...filter, node: event.currentTarget.value })}>
            <option value="">every node</option>
            {nodes.map((node) => (
              <option key={node} value={node}>
                {node}
              </option>
            ))}
          </select>
        </label>
      )}
      {tags.length > 0 && (
        <fieldset class="tags">
          <legend>Tags (press again to exclude)</legend>
          {tags.slice(0, maxTags).map((tag) => (
            <TagButton key={tag} tag={tag} filter={filter} onPress={() => change(withNextTagState(filter, tag))} />
          ))}
        </fieldset>
      )}
    </search>
  )
}

function TagButton({
  tag,
  filter,
  onPress,
}: {
  readonly tag: string
  readonly filter: DrillFilter
  readonly onPress: () => void
}) {
  const isRequired = filter.tags.includes(tag)
  const isExcluded = filter.notTags.includes(tag)
  const state = isRequired ? 'required' : 'excluded'
  return (
    <button
      type="button"
      class={isRequired || isExcluded ? `tag ${state}` : 'tag'}
      aria-pressed={isRequired || isExcluded}
      onClick={onPress}
    >
      {isExcluded && 'not '}
      {tag}
    </button>
  )
}
