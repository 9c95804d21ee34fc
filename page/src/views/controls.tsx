import type { DrillRow } from '../../../src/report/page/page-data.ts'
import { counted } from '../../../src/text/plural.ts'
import { readIndex } from '../data/page-source.ts'
import { Loaded } from '../parts/loaded.tsx'
import { Scrolls } from '../parts/scrolls.tsx'
import { type Control, controls } from '../reference/controls.ts'

/** Requirements of standards, with what this run contributes to each. */
export function ControlsView() {
  return (
    <>
      <h1>Controls</h1>
      <p class="warning">
        Guidance, and no assessment of compliance. Requirements are paraphrased. An auditor decides which evidence is
        enough.
      </p>
      <Loaded read={readIndex} of="index">
        {({ drills }) => (
          <Scrolls label="Controls">
            <table class="controls">
              <thead>
                <tr>
                  <th scope="col">control</th>
                  <th scope="col">asks for</th>
                  <th scope="col">this run contributes</th>
                  <th scope="col">this run does not contribute</th>
                </tr>
              </thead>
              <tbody>
                {controls.map((control) => (
                  <Row key={control.id} control={control} rows={drills} />
                ))}
              </tbody>
            </table>
          </Scrolls>
        )}
      </Loaded>
    </>
  )
}

function Row({
  control: { standard, reference, requirement, evidence, missing, phases },
  rows,
}: {
  readonly control: Control
  readonly rows: readonly DrillRow[]
}) {
  const drilled = rows.filter((row) => phases.every((phase) => row.phases.some((one) => one.phase === phase)))
  const count = (outcome: DrillRow['outcome']): number => drilled.filter((row) => row.outcome === outcome).length
  return (
    <tr>
      <td>
        <strong>{standard}</strong>
        <br />
        {reference}
      </td>
      <td>{requirement}</td>
      <td>
        {drilled.length === 0 ? (
          <>Nothing: no drill of this run has the phases {phases.join(', ')}.</>
        ) : (
          <>
            {evidence} {counted(drilled.length, 'drill')} with the phases {phases.join(', ')}: {count('passed')} passed,{' '}
            {count('failed')} failed, {count('unknown')} unknown.
          </>
        )}
      </td>
      <td>{missing}</td>
    </tr>
  )
}
