import { each, type Html, html } from './html-template.ts'
import type { TeamHistory } from './past-exercise.ts'
import { exerciseCells, exerciseHeadings, teamTitle } from './past-exercise-text.ts'

const maxPlayed = 50

/** Returns the part of the page that compares exercises, by team, the last run first. Empty without exercises. */
export function exercisesPart(teams: readonly TeamHistory[], linkTo: (run: string) => string): Html {
  if (teams.length === 0) return html``
  return html`<section><h2>Exercises, by team</h2>${each(teams, (team) => teamPart(team, linkTo))}</section>`
}

function teamPart(team: TeamHistory, linkTo: (run: string) => string): Html {
  const title = teamTitle(team)
  const shown = team.played.slice(-maxPlayed).toReversed()
  return html`<h3>${title}</h3>
<div class="scrolls" tabindex="0" role="region" aria-label="${title}"><table>
<thead><tr><th scope="col">run</th>${each(exerciseHeadings, (one) => html`<th scope="col">${one}</th>`)}</tr></thead>
<tbody>${each(
    shown,
    (one) => html`<tr><td><a href="${linkTo(one.run)}">${one.startedAt.slice(0, 16).replace('T', ' ')}</a></td>
${each(exerciseCells(one), (cell) => html`<td>${cell}</td>`)}</tr>
`,
  )}</tbody></table></div>`
}
