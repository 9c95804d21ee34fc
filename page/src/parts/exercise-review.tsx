import type { JournalEntry } from '../../../src/journal/journal.ts'
import type { PersonReview } from '../../../src/report/exercise-commands.ts'
import { type ExerciseReview, exerciseReview } from '../../../src/report/exercise-review.ts'
import {
  deficienciesOf,
  hintTotal,
  lastText,
  leftWrongHeading,
  metText,
  reviewSigners,
  timeRows,
} from '../../../src/report/exercise-review-text.ts'
import { hiddenChecks, type StepOfDrill } from '../../../src/report/left-wrong.ts'
import { duration } from '../../../src/text/duration.ts'
import { ReviewTable } from './review-table.tsx'

const maxCommands = 500
const minBlankRows = 2

export interface ExerciseReviewInput {
  readonly entries: readonly JournalEntry[]
  readonly steps: readonly StepOfDrill[]
  /** True to show all commands: a printer cannot unfold them. */
  readonly isWhole: boolean
}

/** The after-action report of a drill in which a team worked. Nothing for another drill. */
export function ExerciseReviewSection({ entries, steps, isWhole }: ExerciseReviewInput) {
  const review = exerciseReview(entries)
  if (review === undefined) return null
  const { title, team, people, objectives, lookAt } = review
  const names = people.map((person) => person.title).join(', ')
  return (
    <section aria-label="After-action review" class="review">
      <h2>After-action review: {title}</h2>
      <p>Team: {team === undefined ? names : `${team}: ${names}`}</p>
      <ReviewTable
        label="Times"
        heading={['time on the clock', 'measured', 'required']}
        rows={timeRows(review).map(({ what, when, required }) => [what, when, required])}
      />
      <ReviewTable
        label="Objectives of the exercise"
        heading={['objective', 'required', 'met', 'at the end']}
        rows={objectives.map((one) => [
          one.name,
          one.withinMs === undefined ? '' : duration(one.withinMs),
          metText(one),
          lastText(one),
        ])}
      />
      <ReviewTable
        label="Hidden checks"
        heading={['hidden check', 'result']}
        rows={hiddenChecks(steps, entries).map(({ text, result }) => [text, result])}
      />
      <LeftWrongList review={review} />
      <Hints review={review} />
      <h3>Timeline</h3>
      <ReviewTable
        label="Timeline"
        heading={['time', 'about', 'what']}
        rows={review.timeline.map(({ clockMs, about, text }) => [duration(clockMs), about, text])}
        isDense
      />
      <h3>Commands by person</h3>
      {people.map((person) => (
        <PersonCommands key={person.title} person={person} isWhole={isWhole} />
      ))}
      {lookAt.length > 0 && (
        <>
          <h3>Questions of the facilitator</h3>
          <ul>
            {lookAt.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </>
      )}
      <CorrectiveActions review={review} />
    </section>
  )
}

function LeftWrongList({ review }: { readonly review: ExerciseReview }) {
  if (review.leftWrong.length === 0) return null
  return (
    <>
      <h3>{leftWrongHeading(review)}</h3>
      <ul class="left-wrong">
        {review.leftWrong.map(({ verdict, question, places }) => (
          <li key={question}>
            <strong class={verdict}>{verdict}</strong> {question}
            <ul>
              {places.map((place) => (
                <li key={place}>{place}</li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </>
  )
}

function Hints({ review }: { readonly review: ExerciseReview }) {
  if (review.hints.length === 0) return null
  return (
    <>
      <h3>Hints: {hintTotal(review)}</h3>
      <ReviewTable
        label="Hints"
        heading={['time', 'taken by', 'hint', 'price']}
        rows={review.hints.map(({ clockMs, person = 'the facilitator', text, priceMs }) => [
          ...[duration(clockMs), person, text],
          priceMs === 0 ? '' : duration(priceMs),
        ])}
      />
    </>
  )
}

function PersonCommands({ person, isWhole }: { readonly person: PersonReview; readonly isWhole: boolean }) {
  const { title, commands, helpedCount, harmedCount } = person
  const shown = commands.slice(0, maxCommands)
  return (
    <details open={isWhole}>
      <summary>
        {title}: {commands.length} commands, {helpedCount} helped, {harmedCount} had to be undone
      </summary>
      <ReviewTable
        label={`Commands of ${title}`}
        heading={['time', 'node', 'command', 'exit code', 'effect']}
        codeColumn={2}
        rows={shown.map(({ clockMs, node, command, exitCode, effect }) => [
          ...[duration(clockMs), node, command, `${exitCode ?? ''}`],
          effect ?? '',
        ])}
      />
      {commands.length > shown.length && <p>{commands.length - shown.length} more in the journal</p>}
    </details>
  )
}

function CorrectiveActions({ review }: { readonly review: ExerciseReview }) {
  const deficiencies = deficienciesOf(review)
  const blank = Array.from({ length: minBlankRows }, () => '')
  return (
    <>
      <h3>Corrective actions</h3>
      <p class="no-print">To fill in on paper (print all), or in summary.md.</p>
      <ReviewTable
        label="Corrective actions"
        heading={['deficiency', 'corrective action', 'owner', 'due date']}
        rows={[...deficiencies, ...blank].map((text) => [text, '', '', ''])}
        isForm
      />
      <ReviewTable
        label="Signatures"
        heading={['role', 'name', 'date', 'signature']}
        rows={reviewSigners.map((role) => [role, '', '', ''])}
        isForm
      />
    </>
  )
}
