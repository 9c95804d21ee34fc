import type { PageSummary } from '../../../src/report/page/page-data.ts'
import { timeText } from '../data/time-text.ts'
import { Facts } from '../parts/command-details.tsx'

/** The user, host, time and tools of the run. */
export function EnvironmentView({ summary }: { readonly summary: PageSummary }) {
  const { environment, startedAt } = summary
  return (
    <>
      <h1>Environment</h1>
      <Facts
        facts={[
          ['Started', timeText(startedAt)],
          ...environment.map(
            ({ name, value, isLink }) =>
              [
                name,
                isLink === true ? (
                  <a href={value} rel="noreferrer noopener">
                    {value}
                  </a>
                ) : (
                  <code>{value}</code>
                ),
              ] as const,
          ),
        ]}
      />
      {!environment.some(({ name }) => name === 'Host') && (
        <p class="warning">The journal does not hold who made this run, and where.</p>
      )}
    </>
  )
}
