import { useEffect, useRef, useState } from 'preact/hooks'
import type { JournalEntry } from '../../../src/journal/journal.ts'
import type { PageAttachment, PageStep } from '../../../src/report/page/page-data.ts'
import { duration } from '../../../src/text/duration.ts'
import { type Route, stepLink } from '../data/route.ts'
import { Entry } from './entry.tsx'
import { EvidenceLinks } from './entry-details.tsx'
import { className, Outcome } from './marks.tsx'
import { RecordedText } from './recorded-text.tsx'
import { Scrolls } from './scrolls.tsx'

const maxEntries = 100

/** Shorter times would be shown as 0.0 s. */
const minShownMs = 50

/** Entries that only repeat what the page shows elsewhere. */
const shownElsewhere = new Set(['drill-started', 'drill-ended', 'finding', 'envelope'])

/** One step of a scenario: its words, its verdicts, and its evidence, folded. */
export function Step({
  drill,
  step,
  index,
  entries,
  target,
}: {
  readonly drill: string
  readonly step: PageStep
  readonly index: number
  readonly entries: readonly JournalEntry[]
  readonly target: Route | undefined
}) {
  const element = useRef<HTMLLIElement>(null)
  const isTarget = target?.step === index
  useEffect(() => {
    if (isTarget) element.current?.scrollIntoView({ block: 'start' })
  }, [isTarget])
  const findings = entries.filter((entry) => entry.kind === 'finding')
  const evidence = entries.filter(({ kind }) => !shownElsewhere.has(kind))
  const isEmptyHook = step.keyword === '' && step.status === 'passed' && step.attachments.length === 0
  if (isEmptyHook && findings.length + evidence.length === 0) return null
  const status = findings.some(({ finding }) => finding.verdict === 'unknown') ? 'unknown' : step.status
  return (
    <li ref={element} class={`step ${className(status)}${isTarget ? ' target' : ''}`}>
      <p class="prose">
        <Outcome of={status} isShort />{' '}
        <a class="anchor" href={stepLink(drill, index)} data-stop>
          <span class="keyword">{step.keyword}</span> {step.text}
        </a>
        {step.isBackground && <span class="tag">background</span>}
        <span class="time">{step.durationMs >= minShownMs && duration(step.durationMs)}</span>
      </p>
      {step.table !== undefined && <StepTable rows={step.table} />}
      {step.docString !== undefined && <RecordedText text={step.docString} label="Text of the step" />}
      {findings.map((entry) => (
        <div key={entry.seq} class={`finding ${className(entry.finding.verdict)}`} id={`entry-${entry.seq}`}>
          <p>
            <Outcome of={entry.finding.verdict} /> {entry.finding.question}: {entry.finding.sentence}
          </p>
          <EvidenceLinks drill={drill} evidence={entry.finding.evidence} />
        </div>
      ))}
      {step.message !== undefined && findings.length === 0 && (
        <RecordedText text={step.message} label="Message of the step" />
      )}
      {step.attachments.map((attachment) => (
        <Attachment key={attachment.digest} attachment={attachment} />
      ))}
      <Evidence entries={evidence} target={target?.entry} />
    </li>
  )
}

function Evidence({
  entries,
  target,
}: {
  readonly entries: readonly JournalEntry[]
  readonly target: number | undefined
}) {
  const at = target === undefined ? -1 : entries.findIndex(({ seq }) => seq === target)
  const [isOpen, setOpen] = useState(at !== -1)
  const [count, setCount] = useState(maxEntries)
  useEffect(() => {
    if (at !== -1) setOpen(true)
  }, [at])
  if (entries.length === 0) return null
  const shown = Math.max(count, at + 1)
  return (
    <details class="step-evidence" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{kindsText(entries)}</summary>
      {isOpen &&
        entries.slice(0, shown).map((entry) => <Entry key={entry.seq} entry={entry} isTarget={entry.seq === target} />)}
      {isOpen && entries.length > shown && (
        <button type="button" onClick={() => setCount(shown + maxEntries)}>
          Show {Math.min(maxEntries, entries.length - shown)} of {entries.length - shown} more entries
        </button>
      )}
    </details>
  )
}

/** `3 commands, 2 restores` */
function kindsText(entries: readonly JournalEntry[]): string {
  const kinds = Map.groupBy(entries, ({ kind }) => kind.replace(/-(started|ended)$/, ''))
  return [...kinds]
    .map(([kind, of]) => `${of.length} ${kind}${of.length === 1 || kind === 'background-taken-over' ? '' : 's'}`)
    .join(', ')
}

function StepTable({ rows: [head = [], ...rows] }: { readonly rows: readonly (readonly string[])[] }) {
  return (
    <Scrolls label="Table of the step">
      <table>
        <thead>
          <tr>
            {head.map((cell) => (
              <th key={cell} scope="col">
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells) => (
            <tr key={cells.join('|')}>
              {cells.map((cell, column) => (
                <td key={column}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolls>
  )
}

function Attachment({ attachment }: { readonly attachment: PageAttachment }) {
  const { mediaType, fileName, digest, sizeBytes, text, base64 } = attachment
  return (
    <details class="attachment">
      <summary>
        {fileName ?? 'attachment'}, {mediaType}, {sizeBytes.toLocaleString('en')} bytes
      </summary>
      <p>
        <code>{digest}</code>
      </p>
      {text !== undefined && <RecordedText text={text} label={fileName ?? 'Attachment'} />}
      {base64 !== undefined && <RecordedText text={base64} label={`${fileName ?? 'Attachment'} in Base64`} />}
      {text === undefined && base64 === undefined && <p>It is too large for this page. See journal.ndjson.</p>}
    </details>
  )
}
