import type { DrillRow, PageSummary } from '../../../src/report/page/page-data.ts'
import { drillLink } from '../data/route.ts'
import { timeText } from '../data/time-text.ts'
import { Outcome } from './marks.tsx'

const words = { passed: 'Passed', failed: 'Failed', incomplete: 'Incomplete' } as const
const signers = ['Operator', 'Approver', 'Auditor'] as const

/** The first page of a printed report: its verdict, lines to sign on, deficiencies to assign, and its contents. Not shown on a screen. */
export function TitlePage({ summary, rows }: { readonly summary: PageSummary; readonly rows: readonly DrillRow[] }) {
  const deficiencies = rows.filter(({ outcome }) => outcome === 'failed' || outcome === 'unknown')
  const { run, verdict, headline, startedAt, who, where, version, nextDrill } = summary
  return (
    <section class="title-page" aria-label="Title">
      <p class="title-name">Report of drill run {run}</p>
      <p class="title-verdict">
        {words[verdict]}. {headline}
      </p>
      <p>
        {timeText(startedAt)}, dr-drill {version}
        {who !== undefined && where !== undefined && `, run by ${who} on ${where}`}
      </p>
      <p>{nextDrill}</p>
      <table class="signatures">
        <thead>
          <tr>
            <th scope="col">role</th>
            <th scope="col">name</th>
            <th scope="col">date</th>
            <th scope="col">signature</th>
          </tr>
        </thead>
        <tbody>
          {signers.map((role) => (
            <tr key={role}>
              <th scope="row">{role}</th>
              <td />
              <td />
              <td />
            </tr>
          ))}
        </tbody>
      </table>
      {deficiencies.length > 0 && (
        <>
          <h2>Deficiencies</h2>
          <table class="signatures">
            <thead>
              <tr>
                <th scope="col">drill</th>
                <th scope="col">corrective action</th>
                <th scope="col">owner</th>
                <th scope="col">due date</th>
              </tr>
            </thead>
            <tbody>
              {deficiencies.map(({ id, name, outcome }) => (
                <tr key={id}>
                  <th scope="row">
                    <a href={drillLink(id)}>{name}</a> <Outcome of={outcome} />
                  </th>
                  <td />
                  <td />
                  <td />
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
      <h2>Contents</h2>
      <ol>
        <li>
          <a href="#part-overview">Verdict, objectives, and limits of the run</a>
        </li>
        <li>
          <a href="#part-environment">Environment</a>
        </li>
        {rows.map(({ id, name, outcome }) => (
          <li key={id}>
            <a href={drillLink(id)}>{name}</a> <Outcome of={outcome} />
          </li>
        ))}
        <li>
          <a href="#part-glossary">Glossary</a>
        </li>
      </ol>
    </section>
  )
}
