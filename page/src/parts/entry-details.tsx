import type { JournalEntry } from '../../../src/journal/journal.ts'
import { entryLink } from '../data/route.ts'
import { CommandDetails, Facts } from './command-details.tsx'
import { MountTable } from './mount-table.tsx'
import { RecordedText, RecordedValue } from './recorded-text.tsx'
import { RestoreDetails } from './restore-details.tsx'

/** Everything that an entry holds. */
export function EntryDetails({ entry }: { readonly entry: JournalEntry }) {
  switch (entry.kind) {
    case 'command':
      return <CommandDetails {...entry} />
    case 'observation':
      return entry.subject === 'mount table' ? (
        <MountTable facts={entry.facts} />
      ) : (
        <RecordedValue value={entry.facts} label={entry.subject} />
      )
    case 'backup': {
      const { path, digest, virtualSizeBytes, chain } = entry.image
      return (
        <Facts
          facts={[
            ['Share', <code key="share">{entry.share}</code>],
            ['Origin path', <code key="origin">{entry.originPath}</code>],
            ['Path', <code key="path">{path}</code>],
            ['Content digest', <code key="digest">{digest}</code>],
            ['Virtual size', `${virtualSizeBytes.toLocaleString('en')} bytes`],
            ['Images in its chain', chain.length],
          ]}
        />
      )
    }
    case 'fault':
      return <RecordedValue value={entry.proof} label="Proof of the fault" />
    case 'action':
      return <RecordedValue value={entry.action} label="Action" />
    case 'restore':
      return <RestoreDetails restore={entry.restore} evidence={entry.evidence} />
    case 'expectation':
      return <RecordedValue value={entry.expected} label="Expectation" />
    case 'finding':
      return (
        <>
          <p>{entry.finding.sentence}</p>
          <EvidenceLinks drill={entry.drill ?? ''} evidence={entry.finding.evidence} />
        </>
      )
    case 'error':
      return (
        <>
          <RecordedText text={entry.message} label="Error" />
          {entry.remedy !== undefined && <RecordedText text={entry.remedy} label="Remedy" />}
        </>
      )
    case 'note':
      return <RecordedText text={entry.text} label="Note" />
    case 'background-taken-over':
      return <RecordedValue value={entry.origin} label="Origin of the background" />
    case 'drill-ended':
      return <RecordedValue value={entry.why} label="Reason" />
    default:
      return null
  }
}

const maxLinks = 12

/** Links to the entries that a finding rests on. */
export function EvidenceLinks({ drill, evidence }: { readonly drill: string; readonly evidence: readonly number[] }) {
  if (evidence.length === 0) return <p class="evidence">No evidence</p>
  if (evidence.length <= maxLinks)
    return (
      <p class="evidence">
        Evidence: <Links drill={drill} seqs={evidence} />
      </p>
    )
  return (
    <details class="evidence">
      <summary>Evidence: {evidence.length} entries</summary>
      <Links drill={drill} seqs={evidence} />
    </details>
  )
}

function Links({ drill, seqs }: { readonly drill: string; readonly seqs: readonly number[] }) {
  return (
    <>
      {seqs.map((seq) => (
        <>
          <a key={seq} href={entryLink(drill, seq)} aria-label={`Evidence: entry ${seq}`}>
            {seq}
          </a>{' '}
        </>
      ))}
    </>
  )
}
