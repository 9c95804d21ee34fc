import { Scrolls } from './scrolls.tsx'

/** Texts that stay on one line: times and names. */
const maxShortChars = 18

export interface ReviewTableInput {
  readonly label: string
  readonly heading: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** The number of the column that holds code, from 0. */
  readonly codeColumn?: number
  /** True for a table to fill in by hand. */
  readonly isForm?: true
  /** True for cells that need no heading on a narrow screen. */
  readonly isDense?: true
}

/** A table of a review. Nothing without rows. On a narrow screen, each row is a block with the headings of its cells. */
export function ReviewTable({ label, heading, rows, codeColumn, isForm, isDense }: ReviewTableInput) {
  if (rows.length === 0) return null
  const kind = isDense ? 'review-table dense' : 'review-table'
  return (
    <Scrolls label={label}>
      <table class={isForm ? 'review-form' : kind}>
        <thead>
          <tr>
            {heading.map((text) => (
              <th key={text} scope="col">
                {text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, nth) => (
            <tr key={nth}>
              {cells.map((text, column) => (
                <td
                  key={column}
                  data-heading={heading[column]}
                  class={states[text] ?? (text.length <= maxShortChars ? 'short' : undefined)}
                >
                  {column === codeColumn ? <code>{text}</code> : text}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolls>
  )
}

/** Classes of cells that hold a state. */
const states: Readonly<Record<string, string>> = {
  holds: 'good',
  passed: 'good',
  helped: 'good',
  'does not hold': 'bad',
  failed: 'bad',
  harmed: 'bad',
  never: 'bad',
  unknown: 'unsure',
  'not reached': 'unsure',
}
