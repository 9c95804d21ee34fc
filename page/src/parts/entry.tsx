import { useEffect, useRef, useState } from 'preact/hooks'
import type { JournalEntry } from '../../../src/journal/journal.ts'
import { duration } from '../../../src/text/duration.ts'
import { entryLink } from '../data/route.ts'
import { clockText } from '../data/time-text.ts'
import { EntryDetails } from './entry-details.tsx'
import { entryTitle } from './entry-title.ts'
import { Outcome } from './marks.tsx'

/** One entry of the journal: a line, and its details when it is opened. */
export function Entry({ entry, isTarget }: { readonly entry: JournalEntry; readonly isTarget: boolean }) {
  const [isOpen, setOpen] = useState(isTarget)
  const element = useRef<HTMLDetailsElement>(null)
  useEffect(() => {
    if (!isTarget) return
    setOpen(true)
    element.current?.scrollIntoView({ block: 'center' })
    element.current?.querySelector('summary')?.focus({ preventScroll: true })
  }, [isTarget])
  const { verdict, text, place, durationMs } = entryTitle(entry)
  return (
    <details
      ref={element}
      class={isTarget ? 'entry target' : 'entry'}
      id={`entry-${entry.seq}`}
      open={isOpen}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        <span class="kind">{entry.kind}</span>
        {verdict !== undefined && <Outcome of={verdict} />}
        <span class="title">{text}</span>
        <span class="place">
          {place}
          {durationMs !== undefined && ` · ${duration(durationMs)}`}
        </span>
      </summary>
      {isOpen && (
        <div class="body">
          <EntryDetails entry={entry} />
          <p class="origin">
            <a href={entryLink(entry.drill ?? '', entry.seq)}>Entry {entry.seq}</a> of the journal,{' '}
            {clockText(entry.at)} UTC
          </p>
        </div>
      )}
    </details>
  )
}
