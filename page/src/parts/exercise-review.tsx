import type { JournalEntry } from '../../../src/journal/journal.ts'
import { type ExerciseReview, exerciseReview } from '../../../src/report/exercise-review.ts'
import { duration } from '../../../src/text/duration.ts'
import { Scrolls } from './scrolls.tsx'

const maxCommands = 500

/** The after-action review of a drill in which a team worked. */
export function ExerciseReviewSection({ entries }: { readonly entries: readonly JournalEntry[] }) {
  const review = exerciseReview(entries)
  return review === undefined ? null : <Review review={review} />
}

function Review({ review }: { readonly review: ExerciseReview }) {
  const { title, people, end, clockMs, limitMs, objectives, commands, events, lookAt } = review
  const at = (ms: number | undefined): string => (ms === undefined ? 'never' : duration(ms))
  return (
    <section aria-label="After-action review" class="review">
      <h2>After-action review: {title}</h2>
      <p>
        Team: {people.join(', ')}. First command: {at(review.firstCommandMs)}. First command that helped:{' '}
        {at(review.firstRightMs)}. All objectives held that are judged at any time: {at(review.recoveredMs)}. End (
        {end ?? 'the journal ends before'}): {duration(clockMs)}
        {limitMs === undefined ? '' : ` of ${duration(limitMs)}`}.
      </p>
      <Scrolls label="Objectives of the exercise">
        <table>
          <thead>
            <tr>
              <th>objective</th>
              <th>required</th>
              <th>met</th>
              <th>at the end</th>
            </tr>
          </thead>
          <tbody>
            {objectives.map(({ name, withinMs, metAtMs, last }) => (
              <tr key={name}>
                <td>{name}</td>
                <td>{withinMs === undefined ? '' : duration(withinMs)}</td>
                <td>{last === undefined ? '' : at(metAtMs)}</td>
                <td>{last ?? 'judged by the steps after the team'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolls>
      {events.length > 0 && (
        <ol class="events">
          {events.map(({ clockMs: ms, text }, index) => (
            <li key={index}>
              {duration(ms)}: {text}
            </li>
          ))}
        </ol>
      )}
      {commands.length > 0 && (
        <details>
          <summary>{commands.length} commands by person</summary>
          <Scrolls label="Commands by person">
            <table>
              <thead>
                <tr>
                  <th>time</th>
                  <th>person</th>
                  <th>node</th>
                  <th>command</th>
                  <th>exit code</th>
                  <th>effect</th>
                </tr>
              </thead>
              <tbody>
                {commands
                  .slice(0, maxCommands)
                  .map(({ clockMs: ms, person, node, command, exitCode, effect }, index) => (
                    <tr key={index}>
                      <td>{duration(ms)}</td>
                      <td>{person}</td>
                      <td>{node}</td>
                      <td>
                        <code>{command}</code>
                      </td>
                      <td>{exitCode ?? ''}</td>
                      <td>{effect ?? ''}</td>
                    </tr>
                  ))}
              </tbody>
            </table>
          </Scrolls>
        </details>
      )}
      {lookAt.length > 0 && (
        <ul>
          {lookAt.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
    </section>
  )
}
